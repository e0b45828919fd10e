"""Advice: which keys a customer may use for a product, by which method, and how many.

judging    the ways that may and may not be used, best first
question   what is asked, read strictly
case       a question's facts, and what a way is
hosts      ways by a host or the directory
ways       ways without a host
words      the reasons, for people
"""

from volact.licensing.advice.case import Answer, Excluded
from volact.licensing.advice.judging import Advice, advise
from volact.licensing.advice.question import (
    HostAsked,
    Preinstalled,
    Question,
    question_invalid,
    read_question,
)

__all__ = [
    "Advice",
    "Answer",
    "Excluded",
    "HostAsked",
    "Preinstalled",
    "Question",
    "advise",
    "question_invalid",
    "read_question",
]
