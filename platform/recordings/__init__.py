"""Campaigns, prompts, takes, upload, intake, work stamps."""
