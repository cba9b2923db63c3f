"""All pages of accounts as one router."""

from fastapi import APIRouter

from central.accounts import (
    account_router,
    factor_router,
    reset_router,
    router,
    second_router,
    sso_router,
    staff_router,
    stand_in_router,
)

everything = APIRouter()
for each in (
    router,
    sso_router,
    second_router,
    account_router,
    stand_in_router,
    factor_router,
    reset_router,
    staff_router,
):
    everything.include_router(each.router)
