"""Template tags: façades as drawings, figures as a reader writes them."""
