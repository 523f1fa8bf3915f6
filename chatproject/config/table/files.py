"""Where files are stored, and how large they may be."""

from chatproject.config.setting import Setting
from chatproject.config.types import bucket, certificates, flag, folder, number, server_url, text

SETTINGS = (
    Setting(
        name="FILES_ROOT",
        type=folder(),
        default="",
        shown_default="`var/files`",
        help="private folder of files and exports. All web processes and workers need the same "
        "one; with S3_BUCKET it has temporary files only, and each machine has its own",
        in_compose=False,
    ),
    Setting(
        name="S3_ENDPOINT_URL",
        type=server_url("http(s)://host[:port]"),
        default="",
        shown_default="AWS",
        help="the S3 server, as web processes and workers reach it",
    ),
    Setting(
        name="S3_CA",
        type=certificates(),
        default="",
        shown_default="the public authorities",
        help="the authority that the S3 server's certificate has to be from, instead of the public "
        "ones",
    ),
    Setting(
        name="S3_BUCKET",
        type=bucket(),
        default="",
        shown_default="no S3: the folder FILES_ROOT",
        help="private bucket of files and exports",
    ),
    Setting(
        name="S3_ACCESS_KEY_ID",
        type=text("the id of a key"),
        default="",
        shown_default="the role of the machine (AWS)",
        help="key with which the server uses the bucket; docs/operate.md lists what it needs",
    ),
    Setting(
        name="S3_SECRET_ACCESS_KEY",
        type=text("the secret of a key"),
        default="",
        help="secret of that key",
        secret=True,
    ),
    Setting(
        name="S3_REGION",
        type=text("the name of a region"),
        default="us-east-1",
        help="region of the bucket",
    ),
    Setting(
        name="S3_PUBLIC_URL",
        type=server_url("http(s)://host[:port]"),
        default="",
        shown_default="files are read through this server",
        help="where browsers reach the S3 server. Files are then loaded from there, with links "
        "that are valid for a minute",
    ),
    Setting(
        name="S3_DIRECT_UPLOADS",
        type=flag(),
        default="false",
        help="send files from browsers and apps straight to S3_PUBLIC_URL, with forms for one part "
        "each; docs/operate.md says what the bucket needs",
    ),
    Setting(
        name="MAX_FILE_MB",
        type=number(1, 2_000),
        default="100",
        help="size of one file, in megabytes (10⁶ bytes)",
        at_runtime=True,
    ),
    Setting(
        name="FILES_QUOTA_MB",
        type=number(0, 100_000_000),
        default="0",
        help="what the files of one person may take, in megabytes; 0: any amount",
        at_runtime=True,
    ),
)
