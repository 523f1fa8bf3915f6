"""The stock way: Django, Channels consumers and the Redis channel layer, as tutorials have it.

One ORM insert and one `group_send` a message. It knows no membership, no duplicates, no gap-free
numbers and no resume, which the product does have to pay for.
"""
