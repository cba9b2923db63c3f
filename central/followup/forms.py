"""What is filled in after a call-back."""

from typing import Literal

from central import fields
from central.followup.models import Satisfaction
from central.petitions.forms import Form


class CallBack(Form):
    """How the petitioner was asked and what they said of the answer."""

    method: Literal["phone", "in_person", "portal"]
    satisfaction: Satisfaction
    words: fields.Remark = ""
