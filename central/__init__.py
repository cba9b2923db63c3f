"""The server of a province: petitions, their clocks and answers, and the pages of staff and petitioners."""
