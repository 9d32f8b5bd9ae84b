import 'options.dart';
import 'verification.dart';
import 'words.dart';

/// A change of the session. It holds no secret.
sealed class AuthEvent {
  const AuthEvent._();
}

/// A session was stored.
final class SignedInEvent extends AuthEvent {
  const SignedInEvent._() : super._();

  @override
  String toString() => 'SignedInEvent()';
}

/// The session has ended on this device. The sign-out's result says what Cognito answered.
final class SignedOutEvent extends AuthEvent {
  const SignedOutEvent._(this.reason, this.appReason) : super._();

  /// What has ended it.
  final SignedOutReason reason;

  /// The app's own reason, if the sign-out was given one ([SignOutOptions.reason]).
  final AppReason? appReason;

  @override
  String toString() => 'SignedOutEvent(reason: $reason, appReason: $appReason)';
}

/// Cognito says that the session has ended. A refresh or `CognitoAuth.verify` has asked. The session is kept, because only an
/// explicit call signs out. Ask the user to sign in again.
final class SessionExpiredEvent extends AuthEvent {
  const SessionExpiredEvent._(this.reason) : super._();

  /// Why it has ended.
  final EndReason reason;

  @override
  String toString() => 'SessionExpiredEvent(reason: $reason)';
}

/// A debt of an earlier sign-out was paid: its refresh token is revoked now.
final class RevocationSettledEvent extends AuthEvent {
  const RevocationSettledEvent._() : super._();

  @override
  String toString() => 'RevocationSettledEvent()';
}

/// Why a session has ended on this device.
enum SignedOutReason implements Word {
  /// `CognitoAuth.signOut` was called for this device.
  local('local'),

  /// `CognitoAuth.signOut` was called for every device.
  global('global'),

  /// Another session was stored in its place.
  replaced('replaced'),

  /// Another process of the app has ended it. Found when this process read the record.
  elsewhere('elsewhere'),

  /// The library gives a reason that this version does not know.
  unknown('unknown');

  const SignedOutReason(this.word);

  @override
  final String word;
}

/// The event that [json] describes, or none: this version may not know it.
Iterable<AuthEvent> eventsOf(Map<String, dynamic> json) => switch (json['event']) {
      'signed_in' => const [SignedInEvent._()],
      'signed_out' => [
          SignedOutEvent._(
            byWord(SignedOutReason.values, json['reason'], unknown: SignedOutReason.unknown),
            switch (json['app_reason']) {
              null => null,
              final word => AppReason(word as String),
            },
          ),
        ],
      'session_expired' => [
          SessionExpiredEvent._(byWord(EndReason.values, json['reason'], unknown: EndReason.unknown)),
        ],
      'revocation_settled' => const [RevocationSettledEvent._()],
      _ => const [],
    };
