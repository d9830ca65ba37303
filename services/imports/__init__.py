"""Import, as a county would do it: headings in Chinese or English, all or nothing, the same twice changes nothing."""
