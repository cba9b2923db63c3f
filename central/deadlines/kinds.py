"""Kinds of petition, as far as they change which periods run. Pure."""

from enum import StrEnum
from typing import Final


class PetitionKind(StrEnum):
    """What a petition is about, by Regulation on Petition Work art. 31; `deadlines.kind.<value>` names it.

    It is chosen at registration and may be corrected on acceptance. It picks the rules, nothing else.
    """

    GENERAL = "general"
    #: The residual class of art. 31(6): 60 (+ 30) days from acceptance instead of the courts' 3 months.
    CLASS6 = "class6"
    #: Opinions and proposals, art. 31(4) taken with art. 17.
    SUGGESTION = "suggestion"
    #: Accusations of misconduct: other rules apply to the written notice (art. 23 para 4).
    ACCUSATION = "accusation"
    #: Matters of litigation rights: other rules apply to the written notice (arts 23 para 4, 31(1)).
    LITIGATION = "litigation"


#: The rules of the Regulation, under which everything before the first kept version began.
FIRST_VERSION: Final = "2022-05-01"
