import 'exceptions.dart';
import 'words.dart';

/// Why Cognito no longer accepts a session. It is said only if the code and the text of Cognito's error leave no doubt.
///
/// There is no reason for a session that a sign-in elsewhere has evicted (`MaxPerUser` of a pool that tracks sessions): no documented
/// code or text of Cognito says so. Such a session has the reason [revoked] or [unknown].
enum EndReason implements Word {
  /// It was revoked: by a sign-out, by an administrator, or from another device.
  revoked('revoked'),

  /// The lifetime of its refresh token is over.
  expired('expired'),

  /// An administrator has disabled the user.
  userDisabled('user_disabled'),

  /// The user has been deleted.
  userDeleted('user_deleted'),

  /// The user must choose a new password first. The next sign-in asks for it.
  passwordReset('password_reset'),

  /// Cognito does not say, or not in words that this version knows.
  unknown('unknown');

  const EndReason(this.word);

  @override
  final String word;
}

/// Whether the session lives at Cognito, from `CognitoAuth.verify`.
sealed class Verification {
  const Verification._();
}

/// Cognito has just accepted the session's tokens.
final class SessionAlive extends Verification {
  const SessionAlive._() : super._();

  @override
  String toString() => 'SessionAlive()';
}

/// Cognito no longer accepts the session. It is marked as expired on this device. Ask the user to sign in again.
final class SessionEnded extends Verification {
  const SessionEnded._(this.reason) : super._();

  /// Why it has ended.
  final EndReason reason;

  @override
  String toString() => 'SessionEnded(reason: $reason)';
}

/// It is not known now, and nothing has changed: Cognito could not be asked or answered something else, the keychain could not be
/// read, or nobody is signed in (any more).
final class SessionUnknown extends Verification {
  const SessionUnknown._(this.exception) : super._();

  /// Why it is not known.
  final AuthException exception;

  @override
  String toString() => 'SessionUnknown(exception: $exception)';
}

/// What became of a push message, from `CognitoAuth.remoteSignOut`.
sealed class RemoteSignOut {
  const RemoteSignOut._();
}

/// The message is not about a sign-out, or it cannot be read. Nothing has happened.
final class RemoteSignOutNotRecognized extends RemoteSignOut {
  const RemoteSignOutNotRecognized._() : super._();

  @override
  String toString() => 'RemoteSignOutNotRecognized()';
}

/// It is about another user or another session than the one on record, or nobody is signed in. Nothing has happened.
final class RemoteSignOutOtherSession extends RemoteSignOut {
  const RemoteSignOutOtherSession._() : super._();

  @override
  String toString() => 'RemoteSignOutOtherSession()';
}

/// It is about the session on record, and Cognito was asked about that session.
final class RemoteSignOutVerified extends RemoteSignOut {
  const RemoteSignOutVerified._(this.verification) : super._();

  /// The answer, as that of `CognitoAuth.verify`.
  final Verification verification;

  @override
  String toString() => 'RemoteSignOutVerified(verification: $verification)';
}

/// What a refusal says about the token that was sent, from `CognitoAuth.classify` or `CognitoAuth.classifyWwwAuthenticate`.
enum Refusal implements Word {
  /// The token was revoked. `CognitoAuth.verify` says whether the session has ended, and marks it.
  revoked('revoked'),

  /// The token has expired. `CognitoAuth.refresh` gets a new one; then try again, once.
  expired('expired'),

  /// The token lacks a scope. Request the scope at sign-in: a new token has the same scopes.
  insufficientScope('insufficient_scope'),

  /// Something else, or the text leaves a doubt. For a status 401, ask `CognitoAuth.verify`.
  other('other');

  const Refusal(this.word);

  @override
  final String word;
}

/// The verification that [json] describes.
Verification verificationOf(Object? json) {
  json as Map<String, dynamic>;
  return switch (json['verification']) {
    'alive' => const SessionAlive._(),
    'ended' => SessionEnded._(byWord(EndReason.values, json['reason'], unknown: EndReason.unknown)),
    _ => SessionUnknown._(stepException(json['problem'])),
  };
}

/// The outcome that [json] describes.
RemoteSignOut remoteSignOutOf(Object? json) {
  json as Map<String, dynamic>;
  return switch (json['outcome']) {
    'verified' => RemoteSignOutVerified._(verificationOf(json['said'])),
    'other_session' => const RemoteSignOutOtherSession._(),
    _ => const RemoteSignOutNotRecognized._(),
  };
}
