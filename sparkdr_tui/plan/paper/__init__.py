"""The whole plan as a Markdown document to keep on paper, generated from nothing but the plan, in one language."""

from sparkdr_tui.plan.paper.book import document

__all__ = ["document"]
