"""Scrapy commands of ours, for those who work with `scrapy` in the checkout (the setting COMMANDS_MODULE)."""
