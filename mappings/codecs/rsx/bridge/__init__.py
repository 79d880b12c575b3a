"""The two ways between canonical documents and the groups of RSX, as plain values (`schema.Tree`)."""
