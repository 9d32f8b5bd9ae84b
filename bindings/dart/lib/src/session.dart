import 'exceptions.dart';
import 'secret.dart';
import 'words.dart';

/// The three tokens that Cognito issues at sign-in.
final class Tokens {
  /// The tokens of a user who has just signed in.
  const Tokens({required this.accessToken, required this.idToken, required this.refreshToken});

  /// Authorises the user's own Cognito operations and the app's APIs. A JWT.
  final Secret accessToken;

  /// Says who the user is. A JWT.
  final Secret idToken;

  /// Gets new access and ID tokens until it is revoked or expires. Opaque.
  final Secret refreshToken;

  @override
  String toString() => 'Tokens(<redacted>)';
}

/// How the user signed in. It decides whether the browser holds a session.
enum SignedInWith implements Word {
  /// Through Cognito's API, without a browser.
  api('api'),

  /// Through the hosted pages in the user's own browser. Their cookie is still there.
  hostedUi('hosted_ui'),

  /// Through the hosted pages in a private (ephemeral) browser session. Its cookie is gone.
  hostedUiPrivate('hosted_ui_private');

  const SignedInWith(this.word);

  @override
  final String word;
}

/// Whether a user is signed in, according to the record on this device.
sealed class SessionState {
  const SessionState._();
}

/// A session is on record.
final class SignedInState extends SessionState {
  const SignedInState._(this.session) : super._();

  /// What is known about it.
  final Session session;

  @override
  String toString() => 'SignedInState($session)';
}

/// No session is on record.
final class SignedOutState extends SessionState {
  const SignedOutState._() : super._();

  @override
  String toString() => 'SignedOutState()';
}

/// The record cannot be read now. This does *not* mean "signed out".
final class UnavailableState extends SessionState {
  const UnavailableState._(this.exception) : super._();

  /// The reason.
  final AuthException exception;

  @override
  String toString() => 'UnavailableState($exception)';
}

/// A session, without its tokens.
final class Session {
  Session._(Map<String, dynamic> json)
      : sub = json['sub'] as String,
        username = json['username'] as String?,
        signedInWith = signedInWithOf(json['signed_in_with']),
        accessTokenExpires = maybeTime(json['access_token_expires'])!,
        expired = json['expired'] as bool,
        identityId = json['identity_id'] as String?;

  /// The user's `sub`: stable and unique in the user pool.
  final String sub;

  /// The username, if the tokens contain one.
  final String? username;

  /// How the user signed in.
  final SignedInWith signedInWith;

  /// When the access token expires.
  final DateTime accessTokenExpires;

  /// Whether Cognito said that the refresh token is no longer valid.
  final bool expired;

  /// The user's identity ID in an identity pool, if the app has stored one.
  final String? identityId;

  @override
  String toString() => 'Session(signedInWith: $signedInWith, expired: $expired)';
}

/// An identity of an identity pool. It is kept beside the session and removed with it.
final class Identity {
  /// An identity, with its credentials if there are any.
  const Identity(this.identityId, {this.credentials});

  /// The identity ID, for example `eu-central-1:1234…`.
  final String identityId;

  /// The AWS credentials, if there are any.
  final AwsCredentials? credentials;

  @override
  String toString() => 'Identity(identityId: $identityId, credentials: $credentials)';
}

/// Temporary AWS credentials of an identity pool.
final class AwsCredentials {
  /// Temporary credentials.
  const AwsCredentials({
    required this.accessKeyId,
    required this.secretAccessKey,
    required this.sessionToken,
    required this.expires,
  });

  /// The access key ID.
  final String accessKeyId;

  /// The secret access key.
  final Secret secretAccessKey;

  /// The session token.
  final Secret sessionToken;

  /// When they expire.
  final DateTime expires;

  @override
  String toString() => 'AwsCredentials(<redacted>)';
}

/// A device that Cognito remembers for a user. It stays on record after a sign-out.
final class Device {
  /// A remembered device.
  const Device({required this.key, required this.groupKey, required this.password});

  /// `DEVICE_KEY`. Refreshing the tokens of a remembered device requires it.
  final String key;

  /// `DEVICE_GROUP_KEY`.
  final String groupKey;

  /// The device's password.
  final Secret password;

  @override
  String toString() => 'Device(key: $key)';
}

/// The way that [word] names. One that this version does not know may have left a session in the browser.
SignedInWith signedInWithOf(Object? word) => byWord(SignedInWith.values, word, unknown: SignedInWith.hostedUi);

/// The state that [json] describes.
SessionState sessionState(Map<String, dynamic> json) => switch (json['state']) {
      'signed_in' => SignedInState._(Session._(json['session'] as Map<String, dynamic>)),
      'signed_out' => const SignedOutState._(),
      _ => UnavailableState._(stepException(json['problem'])),
    };

/// The tokens that [json] describes.
Tokens tokensOf(Object? json) {
  json as Map<String, dynamic>;
  return Tokens(
    accessToken: Secret(json['access_token'] as String),
    idToken: Secret(json['id_token'] as String),
    refreshToken: Secret(json['refresh_token'] as String),
  );
}

/// The same as JSON.
Map<String, Object?> tokensJson(Tokens tokens) => {
      'access_token': tokens.accessToken.reveal(),
      'id_token': tokens.idToken.reveal(),
      'refresh_token': tokens.refreshToken.reveal(),
    };

/// The identity that [json] describes, or null.
Identity? maybeIdentity(Object? json) {
  if (json is! Map<String, dynamic>) return null;
  return Identity(
    json['identity_id'] as String,
    credentials: switch (json['credentials']) {
      final Map<String, dynamic> credentials => AwsCredentials(
          accessKeyId: credentials['access_key_id'] as String,
          secretAccessKey: Secret(credentials['secret_access_key'] as String),
          sessionToken: Secret(credentials['session_token'] as String),
          expires: maybeTime(credentials['expires'])!,
        ),
      _ => null,
    },
  );
}

/// The same as JSON.
Map<String, Object?>? identityJson(Identity? identity) => identity == null
    ? null
    : {
        'identity_id': identity.identityId,
        'credentials': switch (identity.credentials) {
          null => null,
          final credentials => {
              'access_key_id': credentials.accessKeyId,
              'secret_access_key': credentials.secretAccessKey.reveal(),
              'session_token': credentials.sessionToken.reveal(),
              'expires': credentials.expires.millisecondsSinceEpoch,
            },
        },
      };

/// The device that [json] describes, or null.
Device? maybeDevice(Object? json) => json is! Map<String, dynamic>
    ? null
    : Device(
        key: json['key'] as String,
        groupKey: json['group_key'] as String,
        password: Secret(json['password'] as String),
      );

/// The same as JSON.
Map<String, Object?>? deviceJson(Device? device) => device == null
    ? null
    : {'key': device.key, 'group_key': device.groupKey, 'password': device.password.reveal()};
