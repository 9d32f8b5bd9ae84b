package dev.cognitosignout.android

/** In a browser that has no Auth Tabs: it comes back through [RedirectActivity], and the activity notices that the tab is gone. */
class CustomTabTest : SignOutActivityTest(authTab = false)
