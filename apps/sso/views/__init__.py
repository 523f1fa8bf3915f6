"""Pages and endpoints of single sign-on."""
