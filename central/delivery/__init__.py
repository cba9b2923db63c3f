"""The answer reaches the petitioner: what is to be delivered how, post and labels, a signature at the window, a call, the tracking page."""
