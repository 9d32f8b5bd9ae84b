import 'dart:ffi';

import 'backend.dart';
import 'exceptions.dart';
import 'secret.dart';
import 'words.dart';

/// One of the user's sessions, as Cognito lists it. Every value can be missing.
///
/// The list spans all app clients of the user pool. The place and the IP address are personal data: [toString] shows neither.
final class UserSession {
  UserSession._(Map<String, dynamic> json)
      : id = json['id'] as String?,
        kind = SessionKind(json['kind'] as String),
        clientId = json['client_id'] as String?,
        created = maybeTime(json['created']),
        lastActive = maybeTime(json['last_active']),
        device = json['device'] as String?,
        city = json['city'] as String?,
        country = json['country'] as String?,
        ipAddress = maybeSecret(json['ip_address']),
        origin = json['origin'] as String?,
        isCurrent = json['is_current'] as bool;

  /// Its id: `tkn` or `sso`, and 25 more characters.
  final String? id;

  /// What kind of session it is.
  final SessionKind kind;

  /// The app client that it belongs to.
  final String? clientId;

  /// When the user signed in.
  final DateTime? created;

  /// When it was last used by a sign-in or a refresh.
  final DateTime? lastActive;

  /// The operating system and the browser or app, as Cognito reads them from the `user-agent` header. It can be `unknown`.
  final String? device;

  /// The city from which it was last used.
  final String? city;

  /// The English name of the country from which it was last used. It can be `unknown`.
  final String? country;

  /// The IP address from which it was last used.
  final Secret? ipAddress;

  /// For a token session: the id of the SSO session that it came through. Null if the user signed in through the API.
  final String? origin;

  /// Whether it is the session of this app on this device.
  final bool isCurrent;

  @override
  String toString() => 'UserSession(id: $id, kind: $kind, clientId: $clientId, created: $created, lastActive: $lastActive, '
      'device: $device, origin: $origin, isCurrent: $isCurrent)';
}

/// The kinds of session.
final class SessionKind {
  /// The kind with this name.
  const SessionKind(this.name);

  /// One app's session on one device: the life of one refresh token.
  static const token = SessionKind('token');

  /// The session behind the cookie of a browser. Apps sign in through it without asking the user.
  static const sso = SessionKind('sso');

  /// The library's name, or the server's word for another kind.
  final String name;

  @override
  bool operator ==(Object other) => other is SessionKind && other.name == name;

  @override
  int get hashCode => name.hashCode;

  @override
  String toString() => name;
}

/// One of the user's other sessions, and whether it has ended.
final class EndedSession {
  EndedSession._(Map<String, dynamic> json)
      : session = UserSession._(json['session'] as Map<String, dynamic>),
        exception = json['error'] == null ? null : stepException(json['error']);

  /// The session, as it was listed.
  final UserSession session;

  /// Why it could not be ended. Null: it has ended.
  final AuthException? exception;

  @override
  String toString() => 'EndedSession(session: $session, exception: $exception)';
}

/// What became of the user's other sessions. There will be no fourth case.
sealed class SignOutOthersResult {
  const SignOutOthersResult._();
}

/// Every other session has ended. A new one may have begun since the list was read.
final class SignOutOthersComplete extends SignOutOthersResult {
  const SignOutOthersComplete._(this.sessions) : super._();

  /// Each other session that there was.
  final List<EndedSession> sessions;

  @override
  String toString() => 'SignOutOthersComplete(sessions: $sessions)';
}

/// At least one other session could not be ended. Pass it to `CognitoAuth.retryOthers`.
final class SignOutOthersPartial extends SignOutOthersResult implements Finalizable {
  SignOutOthersPartial._(this._backend, this._id, this.sessions) : super._() {
    _release.attach(this, (_backend, _id));
  }

  static final _release = Finalizer<(Backend, int)>((held) => held.$1.release(held.$2));

  final Backend _backend;
  final int _id;

  /// Each other session that there was: those with an exception are left.
  final List<EndedSession> sessions;

  @override
  String toString() => 'SignOutOthersPartial(sessions: $sessions)';
}

/// Nothing has changed: the list could not be read, or it does not say which session is this one.
final class SignOutOthersFailed extends SignOutOthersResult {
  const SignOutOthersFailed._(this.exception) : super._();

  /// The reason.
  final AuthException exception;

  @override
  String toString() => 'SignOutOthersFailed(exception: $exception)';
}

/// The sessions that [json] lists.
List<UserSession> userSessions(Object? json) =>
    [for (final session in json! as List) UserSession._(session as Map<String, dynamic>)];

/// The result that [json] describes.
SignOutOthersResult othersResult(Backend backend, Object? json) {
  json as Map<String, dynamic>;
  final sessions = [
    for (final session in (json['sessions'] ?? const <Object?>[]) as List)
      EndedSession._(session as Map<String, dynamic>),
  ];
  return switch (json['result']) {
    'complete' => SignOutOthersComplete._(sessions),
    'partial' => SignOutOthersPartial._(backend, json['partial'] as int, sessions),
    _ => SignOutOthersFailed._(stepException(json['problem'])),
  };
}

/// The number by which the library knows a partial result.
Map<String, Object?> partialOthersJson(SignOutOthersPartial partial) => {'partial': partial._id};
