import 'secret.dart';

/// A call that failed. Its text contains no secret and no text from a server.
sealed class AuthException implements Exception {
  AuthException._(Map<String, dynamic> json)
      : code = json['code'] as String,
        message = json['detail'] as String,
        recoverySuggestion = json['recovery'] as String;

  /// What happened, for programs: one of `ErrorCode`. It never changes.
  final String code;

  /// What happened, for people. If a setting is wrong, its name comes first.
  final String message;

  /// What to do about it, for developers.
  final String recoverySuggestion;

  @override
  String toString() => '$runtimeType: $code: $message. $recoverySuggestion';
}

/// Nobody is signed in.
final class SignedOutException extends AuthException {
  SignedOutException._(super.json) : super._();
}

/// Cognito said that the session has ended; `CognitoAuth.verify` says why. Nothing was removed: ask the user to sign in again.
final class SessionExpiredException extends AuthException {
  SessionExpiredException._(super.json) : super._();
}

/// The keychain, or the app's own vault, could not be read or written.
final class AuthVaultException extends AuthException {
  AuthVaultException._(super.json) : super._();
}

/// Cognito could not be reached, or refused. The session has not changed.
final class AuthServiceException extends AuthException {
  AuthServiceException._(super.json) : super._();
}

/// A configuration or the tokens are not valid. The message names the setting. Nothing was stored.
final class InvalidInputException extends AuthException {
  InvalidInputException._(super.json) : super._();
}

/// The library itself cannot run: its native part cannot be used (`native_library_missing`), or no thread could be started.
final class UnusableException extends AuthException {
  UnusableException._(super.json) : super._();
}

/// A step failed. Never thrown: it is a part of a result.
final class SignOutStepException extends AuthException {
  SignOutStepException._(super.json) : super._();
}

/// The browser's session was not ended.
final class HostedUiException extends AuthException {
  HostedUiException._(super.json, this.url) : super._();

  /// The page that ends the session when the user's browser opens it, if one is known.
  final String? url;
}

/// `GlobalSignOut` failed: the user's other sessions are still valid.
final class GlobalSignOutException extends AuthException {
  GlobalSignOutException._(super.json, this.accessToken) : super._();

  /// The access token that `GlobalSignOut` requires.
  final Secret accessToken;
}

/// `RevokeToken` failed.
final class RevokeTokenException extends AuthException {
  RevokeTokenException._(super.json, this.refreshToken) : super._();

  /// The refresh token, which is still valid.
  final Secret refreshToken;
}

/// Paid or handed-over debts could not be removed from the keychain.
final class LocalCleanupException extends AuthException {
  LocalCleanupException._(super.json) : super._();
}

/// One of the app's own steps failed: `app_step_failed`, `timed_out` or `app_step_not_registered`.
final class AppStepFailedException extends AuthException {
  AppStepFailedException._(super.json, this.name) : super._();

  /// The step's name.
  final String name;
}

/// Why another library's store gave no session. It contains nothing of the store's content.
final class AdoptException implements Exception {
  AdoptException._(this.reason, Map<String, dynamic> json)
      : code = json['code'] as String,
        message = json['detail'] as String,
        recoverySuggestion = json['recovery'] as String;

  /// What the store has instead of a session.
  final AdoptExceptionReason reason;

  /// What happened, for programs. It never changes.
  final String code;

  /// What happened, for people: it names the place.
  final String message;

  /// What to do about it, for developers.
  final String recoverySuggestion;

  @override
  String toString() => 'AdoptException: $code: $message. $recoverySuggestion';
}

/// What another library's store has instead of a session that can be adopted.
enum AdoptExceptionReason {
  /// No session: the user had signed out, or never signed in.
  nobodySignedIn('nobody_signed_in'),

  /// A guest of the identity pool, who has no tokens of the user pool.
  guest('guest'),

  /// A session of the identity pool alone, made with another provider's token.
  federated('federated'),

  /// A session of another user pool, identity pool or app client.
  otherConfiguration('other_configuration'),

  /// A session of which a part is missing.
  missing('missing'),

  /// A session of which a part has the wrong form.
  invalid('invalid');

  const AdoptExceptionReason(this._word);

  final String _word;
}

/// The exception of a call's answer.
Exception callException(Map<String, dynamic> json) {
  for (final reason in AdoptExceptionReason.values) {
    if (reason._word == json['case']) return AdoptException._(reason, json);
  }
  return authException(json);
}

/// The exception of a call's answer, if it is not about another library's store.
AuthException authException(Map<String, dynamic> json) => switch (json['case']) {
      'signed_out' => SignedOutException._(json),
      'session_expired' => SessionExpiredException._(json),
      'vault' => AuthVaultException._(json),
      'service' => AuthServiceException._(json),
      'invalid_input' => InvalidInputException._(json),
      _ => UnusableException._(json),
    };

/// The exception of a problem in a result. An answer that this version does not know has none.
SignOutStepException stepException(Object? json) => SignOutStepException._(switch (json) {
      final Map<String, dynamic> problem => problem,
      _ => const {
          'code': 'native_library_missing',
          'detail': 'the native library answers something that this version of the package does not know',
          'recovery': 'Use the library that belongs to this version of the package',
        },
    });

/// The exceptions of a partial sign-out; [tokens] is the answer of `partial_tokens`.
({
  HostedUiException? hostedUi,
  GlobalSignOutException? globalSignOut,
  RevokeTokenException? revokeToken,
  LocalCleanupException? localCleanup,
  List<AppStepFailedException> appSteps,
}) partialExceptions(Map<String, dynamic> json, Map<String, dynamic> tokens) => (
      hostedUi: switch (json['hosted_ui_error']) {
        {'error': final Map<String, dynamic> error, 'url': final String? url} => HostedUiException._(error, url),
        _ => null,
      },
      globalSignOut: switch (json['global_sign_out_error']) {
        final Map<String, dynamic> error => GlobalSignOutException._(error, Secret(tokens['access_token'] as String)),
        _ => null,
      },
      revokeToken: switch (json['revoke_token_error']) {
        final Map<String, dynamic> error => RevokeTokenException._(error, Secret(tokens['refresh_token'] as String)),
        _ => null,
      },
      localCleanup: switch (json['local_cleanup_error']) {
        final Map<String, dynamic> error => LocalCleanupException._(error),
        _ => null,
      },
      appSteps: [
        for (final step in json['app_step_errors'] as List)
          AppStepFailedException._((step as Map)['error'] as Map<String, dynamic>, step['name'] as String),
      ],
    );
