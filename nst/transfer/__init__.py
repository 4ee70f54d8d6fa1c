"""Makes one image, from files to files, and resumes it after a stop."""
