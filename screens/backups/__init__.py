"""The screen of the backup sets: each with its newest backup against the RPO, and all backups of the chosen one."""
