"""How files reach a handler: the form's parts, and where they are kept."""

from typing import Annotated

from fastapi import Depends, File, Request, UploadFile

from central.accounts.edge import context_of
from central.casework.documents import Sent
from central.documents.service import Store, store_of

#: What the file fields of our forms and the API's are called.
FIELD = "files"
Files = Annotated[list[UploadFile] | None, File(description="PDF, JPEG, PNG or TIFF; several at once")]


async def _store(request: Request) -> Store:
    context = context_of(request)
    return store_of(context.settings, context.vault)


Kept = Annotated[Store, Depends(_store)]


def sent(files: Files) -> list[Sent]:
    """Return the files that were chosen; a browser sends an empty part for a field that was left alone."""
    return [Sent(each.filename or "", each.file) for each in files or () if each.filename or each.size]
