"""Is an account ready for a deployment, and does a deployed stack work? One line a check, with what to do."""
