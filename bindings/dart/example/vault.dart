// The record in flutter_secure_storage, or in any store like it. On phones and desktops, the keychain of the library itself needs none of this.
import 'package:cognito_signout/cognito_signout.dart';

/// What `FlutterSecureStorage` has.
abstract interface class SecureStorage {
  Future<String?> read({required String key});
  Future<void> write({required String key, required String? value});
  Future<void> delete({required String key});
}

class SecureStorageVault extends Vault {
  SecureStorageVault(this.storage);

  final SecureStorage storage;

  /// The same in each isolate: they take turns at the record.
  @override
  String get name => 'secure storage';

  @override
  Future<String?> read(VaultKey key) => storage.read(key: '$key');

  @override
  Future<void> write(VaultKey key, String record) => storage.write(key: '$key', value: record);

  @override
  Future<void> delete(VaultKey key) => storage.delete(key: '$key');
}
