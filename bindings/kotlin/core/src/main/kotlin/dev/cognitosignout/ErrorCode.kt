package dev.cognitosignout

/**
 * The values of [AuthException.code] and [StepStatus.Failed]. They never change; later versions may add more.
 */
public object ErrorCode {
    /** The device is offline, or the server cannot be reached. */
    public const val NETWORK_UNAVAILABLE: String = "network_unavailable"

    /** The time limit was reached. */
    public const val TIMED_OUT: String = "timed_out"

    /** The server's certificate was not accepted. */
    public const val UNTRUSTED_SERVER: String = "untrusted_server"

    /** The app's transport failed: it threw, or dropped the request without a response. */
    public const val TRANSPORT_FAILED: String = "transport_failed"

    /** Cognito is limiting requests. */
    public const val THROTTLED: String = "throttled"

    /** Cognito had an internal error. */
    public const val SERVICE_UNAVAILABLE: String = "service_unavailable"

    /** The response did not come from Cognito. */
    public const val UNEXPECTED_RESPONSE: String = "unexpected_response"

    /** Nobody is signed in. */
    public const val SIGNED_OUT: String = "signed_out"

    /** The tokens are no longer valid. */
    public const val SESSION_EXPIRED: String = "session_expired"

    /** Global sign-out and the user's sessions need the scope `aws.cognito.signin.user.admin`. */
    public const val MISSING_SCOPE: String = "missing_scope"

    /** The user pool does not track sessions, or not in this Region. */
    public const val SESSION_TRACKING_OFF: String = "session_tracking_off"

    /** The server does not know the operations of session management. */
    public const val SESSIONS_NOT_SUPPORTED: String = "sessions_not_supported"

    /** The user has no session with this id: it has ended, or it is another user's. */
    public const val SESSION_NOT_FOUND: String = "session_not_found"

    /** It is the session of this app on this device, or the SSO session that it came through. */
    public const val OWN_SESSION: String = "own_session"

    /** Token revocation is off for the app client. */
    public const val REVOCATION_DISABLED: String = "revocation_disabled"

    /** The app client's id or secret is wrong. */
    public const val CLIENT_REJECTED: String = "client_rejected"

    /** A firewall or policy forbids it. */
    public const val FORBIDDEN: String = "forbidden"

    /** Cognito refused the request. The message names the exception. */
    public const val REFUSED: String = "refused"

    /**
     * A call joined another sign-out too late to make it global or to end the browser's session. Or the user signed in again
     * while a global sign-out was still owed.
     */
    public const val JOINED_TOO_LATE: String = "joined_too_late"

    /** This device cannot keep more unpaid sign-outs. This one was the oldest, and is handed over. */
    public const val DISPLACED: String = "displaced"

    /** One of the app's own steps failed. It is tried again with what else is unpaid. */
    public const val APP_STEP_FAILED: String = "app_step_failed"

    /** A step of the app's own is on record, and no step of this name is registered. */
    public const val APP_STEP_NOT_REGISTERED: String = "app_step_not_registered"

    /** The task that ran the call was lost. */
    public const val INTERRUPTED: String = "interrupted"

    /** No browser could be opened. */
    public const val HOSTED_UI_UNAVAILABLE: String = "hosted_ui_unavailable"

    /** The user closed the browser. */
    public const val HOSTED_UI_CANCELLED: String = "hosted_ui_cancelled"

    /** The hosted pages refused. Most often the sign-out URI is not on the app client's list. */
    public const val HOSTED_UI_FAILED: String = "hosted_ui_failed"

    /** The browser did not come back in time. */
    public const val HOSTED_UI_TIMED_OUT: String = "hosted_ui_timed_out"

    /** The redirect cannot be received: another program uses its port. On Android: another sign-out of the app has opened its page. */
    public const val HOSTED_UI_REDIRECT_TAKEN: String = "hosted_ui_redirect_taken"

    /** The configuration has no hosted pages. */
    public const val HOSTED_UI_NOT_CONFIGURED: String = "hosted_ui_not_configured"

    /** The keychain is locked. This does not mean "signed out". */
    public const val VAULT_LOCKED: String = "vault_locked"

    /** There is no keychain. */
    public const val VAULT_UNAVAILABLE: String = "vault_unavailable"

    /** The app lacks the keychain access group. */
    public const val VAULT_MISSING_ENTITLEMENT: String = "vault_missing_entitlement"

    /** The keychain failed. */
    public const val VAULT_FAILED: String = "vault_failed"

    /** The stored record cannot be read. */
    public const val RECORD_CORRUPT: String = "record_corrupt"

    /** A newer version of the app wrote the stored record. */
    public const val RECORD_TOO_NEW: String = "record_too_new"

    /** An input is not valid. */
    public const val INVALID_INPUT: String = "invalid_input"

    /**
     * The library's native part cannot be loaded: it is missing, built for another system or processor, or shrinking removed
     * classes that it needs. Only in Kotlin: in Rust and Swift it is linked into the app.
     */
    public const val NATIVE_LIBRARY_MISSING: String = "native_library_missing"

    /** The session belongs to another process of this Android app. Only in Kotlin. */
    public const val SECOND_PROCESS: String = "second_process"

    private val RETRYABLE: Set<String> = setOf(
        NETWORK_UNAVAILABLE,
        TIMED_OUT,
        UNTRUSTED_SERVER,
        THROTTLED,
        SERVICE_UNAVAILABLE,
        UNEXPECTED_RESPONSE,
        DISPLACED,
        INTERRUPTED,
        VAULT_LOCKED,
        VAULT_FAILED,
    )

    /**
     * Whether the same call may succeed later without a change: when the network is back, the device is unlocked, or Cognito is
     * less busy. False if the user, the app, the configuration or the user pool must change first, and for a [code] that this
     * version does not know.
     */
    @JvmStatic
    public fun isRetryable(code: String): Boolean = code in RETRYABLE
}
