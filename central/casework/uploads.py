"""How files reach a handler: after the caller is known, as parts of a form; and where they are kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from central.accounts.edge import Bearer, Posted, context_of
from central.casework.documents import Sent
from central.documents.service import Store, store_of
from central.errors import Invalid

#: What the field of our forms is called; the API takes one at a time.
FIELD, ONE = "files", "file"


async def _store(request: Request) -> Store:
    context = context_of(request)
    return store_of(context.settings, context.vault)


async def _files(request: Request, _: Posted) -> AsyncIterator[list[Sent]]:
    async with sent(request, FIELD) as found:
        yield found


async def _file(request: Request, _: Bearer) -> AsyncIterator[Sent]:
    async with sent(request, ONE) as found:
        if len(found) != 1:
            raise Invalid("documents.page.none_chosen", field=ONE)
        yield found[0]


@asynccontextmanager
async def sent(request: Request, field: str) -> AsyncIterator[list[Sent]]:
    """Give the files of a field, closed at the end; a browser sends an empty part for one that was left alone."""
    async with request.form() as form:
        parts = [each for each in form.getlist(field) if isinstance(each, UploadFile)]
        yield [Sent(each.filename or "", each.file) for each in parts if each.filename or each.size]


#: Where files are kept.
Kept = Annotated[Store, Depends(_store)]
#: The files of one of our forms, none if none were chosen.
Files = Annotated[list[Sent], Depends(_files)]
#: The one file that a program sends.
OneFile = Annotated[Sent, Depends(_file)]
