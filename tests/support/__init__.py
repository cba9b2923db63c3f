"""What tests share and the product does not ship: servers, processes and a browser on free ports."""
