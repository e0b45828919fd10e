"""Templates that Django and django-allauth ask for by name, in the language and the look of all our pages."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django.template import TemplateDoesNotExist
from django.template.backends.base import BaseEngine
from django.utils.safestring import mark_safe
from jinja2 import TemplateNotFound

from volact.service.pages import look


class Engine(BaseEngine):
    """What Django's setting TEMPLATES names."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__({name: value for name, value in params.items() if name != "OPTIONS"})

    def get_template(self, template_name: str) -> Template:
        """The template of that name; raises TemplateDoesNotExist."""
        try:
            look.pages().templates.get_template(template_name)
        except TemplateNotFound as err:
            raise TemplateDoesNotExist(template_name, backend=self) from err
        return Template(template_name)


class Template:
    """A template of ours, as Django uses one."""

    def __init__(self, name: str) -> None:
        self._name = name

    def render(self, context: dict[str, Any] | None = None, request: Any = None) -> str:
        """The page of a view of Django's."""
        values = {name: value for name, value in (context or {}).items() if name not in ("request", "template")}
        values["providers"] = get_adapter().list_providers(request)
        return str(mark_safe(look.rendered(request, self._name, **values)))  # Jinja has escaped it
