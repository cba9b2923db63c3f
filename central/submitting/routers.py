"""All pages of handing in as one router."""

from fastapi import APIRouter

from central.submitting import assist_router, receipt_router, router, screen_router, upload_router

everything = APIRouter()
for each in (router, receipt_router, upload_router, assist_router, screen_router):
    everything.include_router(each.router)
