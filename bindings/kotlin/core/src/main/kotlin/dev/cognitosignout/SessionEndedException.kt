package dev.cognitosignout

import kotlin.coroutines.cancellation.CancellationException

/** The cause with which the coroutines of [Auth.sessionScope] are cancelled: the user's session has ended. */
public class SessionEndedException internal constructor() : CancellationException("the session has ended")
