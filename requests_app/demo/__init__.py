"""The demo year: 2,500 invented requests of 2024, planned from published proportions and played through the real actions."""
