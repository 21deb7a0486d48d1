"""One way of writing a day, everywhere: the same as ``|date:"j E Y"`` in the templates. Inputs keep their own."""

DATE_FORMAT = "j E Y"
