"""A chat as tutorials write it: Django, Channels consumers and the Redis channel layer.

One ORM insert and one `group_send` for each message. It does not pay for what the product has:
membership checks, deduplication, numbers without gaps, resume.
"""
