"""`{% frame %}title{% within %}content{% endframe %}`: what django-allauth renders, inside our own pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import strip_tags
from django.utils.safestring import mark_safe
from markupsafe import Markup

from volact.service.pages import look

register = template.Library()


class Frame(template.Node):
    """Two pieces of a template, as the heading and the content of a page."""

    def __init__(self, heading: Any, content: Any) -> None:
        self._heading = heading
        self._content = content

    def render(self, context: Any) -> str:
        """The whole page."""
        heading = strip_tags(self._heading.render(context)).strip()
        content = Markup(self._content.render(context))
        body = look.rendered(context["request"], "frame.html", heading=heading, content=content)
        return str(mark_safe(body))  # Jinja has escaped it


@register.tag
def frame(parser: Any, token: Any) -> Frame:
    """The block tag."""
    heading = parser.parse(("within",))
    parser.delete_first_token()
    content = parser.parse(("endframe",))
    parser.delete_first_token()
    return Frame(heading, content)
