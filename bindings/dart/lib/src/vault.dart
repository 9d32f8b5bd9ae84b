import 'dart:math';

import 'native/connection.dart';
import 'words.dart';

/// Where the record is stored: the session, and the debts of earlier sign-outs.
sealed class VaultChoice {
  const VaultChoice._();

  /// In the platform's keychain: Keychain, Android's Keystore, Credential Manager, Secret Service.
  const factory VaultChoice.keychain({String? accessGroup, String? servicePrefix, String? lockDirectory}) = KeychainVault;

  /// In memory, until the process ends.
  const factory VaultChoice.memory() = MemoryVault;

  /// In the app's own storage.
  const factory VaultChoice.custom(Vault vault) = CustomVault;
}

/// In the platform's keychain.
final class KeychainVault extends VaultChoice {
  /// What is not set has the platform's default.
  const KeychainVault({this.accessGroup, this.servicePrefix, this.lockDirectory}) : super._();

  /// The keychain access group, on Apple's systems.
  final String? accessGroup;

  /// The beginning of the entries' service names. Default: `cognito-signout`.
  final String? servicePrefix;

  /// A folder for lock files, which every process that shares the record must use. Default: the platform's own place. Do not set it
  /// on Android: an app's preferences belong to one process, and every call would fail.
  final String? lockDirectory;
}

/// In memory.
final class MemoryVault extends VaultChoice {
  /// The choice.
  const MemoryVault() : super._();
}

/// In the app's own storage. All `CognitoAuth`s over one vault share the session.
final class CustomVault extends VaultChoice {
  /// The storage [vault].
  const CustomVault(this.vault) : super._();

  /// The storage.
  final Vault vault;
}

/// The app's own storage, with one record per app client. It may be asynchronous. A record contains tokens.
///
/// `CognitoAuth`s over one vault take turns at a record, and so do those over vaults with the same [name]. [SharedVault] keeps out
/// other processes that share the storage.
abstract class Vault {
  /// Names the storage: vaults that store the same records must have the same name, also in other isolates, and others must not. Null:
  /// no other vault stores the same records.
  String? get name => null;

  /// Reads the record. Null if no record exists.
  Future<String?> read(VaultKey key);

  /// Replaces the record. If it fails, the old record must be unchanged.
  Future<void> write(VaultKey key, String record);

  /// Deletes the record without reading it. It succeeds if there is no record.
  Future<void> delete(VaultKey key);
}

/// A vault whose storage other processes use too.
abstract class SharedVault extends Vault {
  /// Locks the record against others that share the storage, until [unlock]. Waits for the others at most [patience].
  ///
  /// Throws a [VaultException] with the kind [VaultExceptionKind.locked] if another still has the lock. [unlock] is not called then.
  Future<void> lock(VaultKey key, Duration patience);

  /// Releases the lock. Called once after each successful [lock], unless the `CognitoAuth` was closed or its isolate has ended
  /// meanwhile: then release the lock yourself.
  Future<void> unlock(VaultKey key);
}

/// Names one record.
final class VaultKey {
  const VaultKey._(this.userPoolId, this.clientId);

  /// The user pool's ID.
  final String userPoolId;

  /// The app client's ID.
  final String clientId;

  @override
  bool operator ==(Object other) => other is VaultKey && other.userPoolId == userPoolId && other.clientId == clientId;

  @override
  int get hashCode => Object.hash(userPoolId, clientId);

  /// Different for each record: it can be the name of an entry.
  @override
  String toString() => '$userPoolId/$clientId';
}

/// Why a vault operation failed.
final class VaultException implements Exception {
  /// [detail] is text for people. It must contain nothing from the record.
  const VaultException(this.kind, this.detail);

  /// What happened.
  final VaultExceptionKind kind;

  /// Text for people.
  final String detail;

  @override
  String toString() => 'VaultException: ${kind.word}: $detail';
}

/// What happened to a vault.
enum VaultExceptionKind implements Word {
  /// The storage is locked. Try again after it is unlocked.
  locked('locked'),

  /// There is no such storage on this device.
  unavailable('unavailable'),

  /// The app is not allowed to use the storage.
  notAllowed('missing_entitlement'),

  /// Anything else.
  other('other');

  const VaultExceptionKind(this.word);

  @override
  final String word;
}

/// The setting for [choice].
Map<String, Object?> vaultJson(VaultChoice choice) => switch (choice) {
      MemoryVault() => const {'kind': 'memory'},
      KeychainVault(:final accessGroup, :final servicePrefix, :final lockDirectory) => {
          'kind': 'keychain',
          'access_group': accessGroup,
          'service_prefix': servicePrefix,
          'lock_directory': lockDirectory,
        },
      CustomVault(:final vault) => {'kind': 'host', 'identity': _identity(vault), 'locks': vault is SharedVault},
    };

/// The number by which the library knows the storage.
int _identity(Vault vault) => _identities[vault] ??= switch (vault.name) {
      null => _random.nextInt(1 << 32) << 20 | _random.nextInt(1 << 20),
      // FNV-1a, without the upper bits: the same in every isolate.
      final name => name.codeUnits.fold<int>(0x811c9dc5, (hash, unit) => ((hash ^ unit) * 0x1000193) & 0xffffffffffff),
    };

final _identities = Expando<int>();
final _random = Random.secure();

/// [vault] as the library asks it.
Port vaultPort(Vault vault) => (question) async {
      try {
        return {'ok': await _use(vault, question.asked)};
      } on VaultException catch (exception) {
        return failure(exception.kind, exception.detail);
      } catch (thrown) {
        // Its own text may contain parts of the record.
        return failure(VaultExceptionKind.other, "the app's vault threw ${thrown.runtimeType}");
      }
    };

Future<String?> _use(Vault vault, Map<String, dynamic> asked) async {
  final key = VaultKey._(asked['user_pool_id'] as String, asked['client_id'] as String);
  switch ((asked['do'], vault)) {
    case ('read', _):
      return vault.read(key);
    case ('write', _):
      await vault.write(key, asked['record'] as String);
    case ('delete', _):
      await vault.delete(key);
    case ('lock', final SharedVault shared):
      await shared.lock(key, Duration(milliseconds: asked['patience'] as int));
    case ('unlock', final SharedVault shared):
      await shared.unlock(key);
  }
  return null;
}
