"""Files: uploads, their contents at the object storage, and the forms in which pictures are shown.

This app knows owners, not chats: what shows a file counts as a use of it.
"""
