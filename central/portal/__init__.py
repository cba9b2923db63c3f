"""The petitioner's pages: public, large, plain."""
