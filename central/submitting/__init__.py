"""Handing in a petition online: one question a page, drafts on the device alone, files on a bad line, help in the hall."""
