import 'exceptions.dart';
import 'session.dart';
import 'words.dart';

/// A user's session as another library has stored it, for `CognitoAuth.adopt`.
///
/// `CognitoAuth.readSession` makes one of another library's items. For a store that no [Layout] describes, create one.
final class AdoptedSession {
  /// A session.
  const AdoptedSession({
    required this.tokens,
    required this.signedInWith,
    this.username,
    this.identity,
    this.device,
    this.provider,
  });

  /// The three tokens of the user pool.
  final Tokens tokens;

  /// How the user signed in.
  final SignedInWith signedInWith;

  /// The username. A device belongs to it.
  final String? username;

  /// The user's identity in the identity pool.
  final Identity? identity;

  /// The device that Cognito remembers for this user. The password is empty if the store has none.
  final Device? device;

  /// The identity provider that the user signed in through. Only for the app to see: a sign-out reads the ID token.
  final String? provider;

  @override
  String toString() => 'AdoptedSession(signedInWith: $signedInWith)';
}

/// How another library writes its store.
enum Layout implements Word {
  /// Amplify Swift v2. The items are the keychain's generic passwords of its service, by account.
  amplifySwift('amplify-swift'),

  /// Amplify Android v2. The items are the entries of its `EncryptedSharedPreferences` after decryption.
  amplifyAndroid('amplify-android'),

  /// Amplify Flutter. The items are the entries of its secure storage.
  amplifyFlutter('amplify-flutter'),

  /// Amplify JS v5 and v6. The items are the entries of `localStorage` or `AsyncStorage`, or the cookies.
  amplifyJs('amplify-js'),

  /// AWSMobileClient on iOS. The items are the keychain's generic passwords of its three services, by account.
  awsMobileClientIos('aws-mobile-client-ios'),

  /// AWSMobileClient on Android. The items are the entries of its preference files after decryption.
  awsMobileClientAndroid('aws-mobile-client-android');

  const Layout(this.word);

  @override
  final String word;
}

/// What became of a session that was to be adopted.
sealed class Adoption {
  const Adoption._();
}

/// The session is on record now: the user is signed in.
final class Adopted extends Adoption {
  const Adopted._() : super._();

  @override
  String toString() => 'Adopted()';
}

/// A session was on record already. It is untouched.
final class AlreadySignedIn extends Adoption {
  const AlreadySignedIn._() : super._();

  @override
  String toString() => 'AlreadySignedIn()';
}

/// This session was on record here before, and has ended: it was signed out, for example. It stays signed out. Remove it from the
/// other library's store.
final class AlreadySignedOut extends Adoption {
  const AlreadySignedOut._() : super._();

  @override
  String toString() => 'AlreadySignedOut()';
}

/// Nothing was stored.
final class AdoptionRefused extends Adoption {
  const AdoptionRefused._(this.exception) : super._();

  /// The reason. `invalid_input`: the tokens are not a session of this app client. A code of the keychain: call again later.
  final AuthException exception;

  @override
  String toString() => 'AdoptionRefused($exception)';
}

/// The session that [json] describes.
AdoptedSession adoptedSession(Object? json) {
  json as Map<String, dynamic>;
  return AdoptedSession(
    tokens: tokensOf(json['tokens']),
    signedInWith: signedInWithOf(json['signed_in_with']),
    username: json['username'] as String?,
    identity: maybeIdentity(json['identity']),
    device: maybeDevice(json['device']),
    provider: json['provider'] as String?,
  );
}

/// The same as JSON.
Map<String, Object?> adoptedSessionJson(AdoptedSession session) => {
      'tokens': tokensJson(session.tokens),
      'signed_in_with': session.signedInWith.word,
      'username': session.username,
      'identity': identityJson(session.identity),
      'device': deviceJson(session.device),
      'provider': session.provider,
    };

/// The outcome that [json] describes.
Adoption adoptionOf(Object? json) {
  json as Map<String, dynamic>;
  return switch (json['adoption']) {
    'adopted' => const Adopted._(),
    'already_signed_in' => const AlreadySignedIn._(),
    'already_signed_out' => const AlreadySignedOut._(),
    _ => AdoptionRefused._(stepException(json['problem'])),
  };
}
