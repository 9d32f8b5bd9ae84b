import 'exceptions.dart';

/// The values of [AuthException.code] and `StepFailed.code`. They never change; later versions may add more.
abstract final class ErrorCode {
  /// The device is offline, or the server cannot be reached.
  static const networkUnavailable = 'network_unavailable';

  /// The time limit was reached.
  static const timedOut = 'timed_out';

  /// The server's certificate was not accepted.
  static const untrustedServer = 'untrusted_server';

  /// The app's transport failed: it threw, or dropped the request without a response.
  static const transportFailed = 'transport_failed';

  /// Cognito is limiting requests.
  static const throttled = 'throttled';

  /// Cognito had an internal error.
  static const serviceUnavailable = 'service_unavailable';

  /// The response did not come from Cognito.
  static const unexpectedResponse = 'unexpected_response';

  /// Nobody is signed in.
  static const signedOut = 'signed_out';

  /// The tokens are no longer valid.
  static const sessionExpired = 'session_expired';

  /// Global sign-out and the user's sessions need the scope `aws.cognito.signin.user.admin`.
  static const missingScope = 'missing_scope';

  /// The user pool does not track sessions, or not in this Region.
  static const sessionTrackingOff = 'session_tracking_off';

  /// The server does not know the operations of session management.
  static const sessionsNotSupported = 'sessions_not_supported';

  /// The user has no session with this id: it has ended, or it is another user's.
  static const sessionNotFound = 'session_not_found';

  /// It is the session of this app on this device, or the SSO session that it came through.
  static const ownSession = 'own_session';

  /// Token revocation is off for the app client.
  static const revocationDisabled = 'revocation_disabled';

  /// The app client's id or secret is wrong.
  static const clientRejected = 'client_rejected';

  /// A firewall or policy forbids it.
  static const forbidden = 'forbidden';

  /// Cognito refused the request. The message names the exception.
  static const refused = 'refused';

  /// A call joined another sign-out too late to make it global or to end the browser's session. Or the user signed in again while a global sign-out was still owed.
  static const joinedTooLate = 'joined_too_late';

  /// This device cannot keep more unpaid sign-outs. This one was the oldest, and is handed over.
  static const displaced = 'displaced';

  /// One of the app's own steps failed. It is tried again with what else is unpaid.
  static const appStepFailed = 'app_step_failed';

  /// A step of the app's own is on record, and no step of this name is registered.
  static const appStepNotRegistered = 'app_step_not_registered';

  /// The task that ran the call was lost.
  static const interrupted = 'interrupted';

  /// No browser could be opened.
  static const hostedUiUnavailable = 'hosted_ui_unavailable';

  /// The user closed the browser.
  static const hostedUiCancelled = 'hosted_ui_cancelled';

  /// The hosted pages refused. Most often the sign-out URI is not on the app client's list.
  static const hostedUiFailed = 'hosted_ui_failed';

  /// The browser did not come back in time.
  static const hostedUiTimedOut = 'hosted_ui_timed_out';

  /// The redirect cannot be received: another program uses its port. On Android: another sign-out of the app has opened its page.
  static const hostedUiRedirectTaken = 'hosted_ui_redirect_taken';

  /// The configuration has no hosted pages.
  static const hostedUiNotConfigured = 'hosted_ui_not_configured';

  /// The keychain is locked. This does not mean "signed out".
  static const vaultLocked = 'vault_locked';

  /// There is no keychain.
  static const vaultUnavailable = 'vault_unavailable';

  /// The app lacks the keychain access group.
  static const vaultMissingEntitlement = 'vault_missing_entitlement';

  /// The keychain failed.
  static const vaultFailed = 'vault_failed';

  /// The stored record cannot be read.
  static const recordCorrupt = 'record_corrupt';

  /// A newer version of the app wrote the stored record.
  static const recordTooNew = 'record_too_new';

  /// An input is not valid.
  static const invalidInput = 'invalid_input';

  /// The native library cannot be loaded, or speaks another version of its interface. Never in Rust and Swift.
  static const nativeLibraryMissing = 'native_library_missing';

  static const _retryable = {
    networkUnavailable,
    timedOut,
    untrustedServer,
    throttled,
    serviceUnavailable,
    unexpectedResponse,
    displaced,
    interrupted,
    vaultLocked,
    vaultFailed,
  };

  /// Whether the same call may succeed later without a change: when the network is back, the device is unlocked, or Cognito is less busy.
  /// False if the user, the app, the configuration or the user pool must change first, and for a [code] that this version does not know.
  static bool isRetryable(String code) => _retryable.contains(code);
}
