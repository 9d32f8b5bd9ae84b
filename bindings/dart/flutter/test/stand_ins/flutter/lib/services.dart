// A stand-in: see README.md one folder up.
class PlatformException implements Exception {
  PlatformException({required this.code, this.message});

  final String code;
  final String? message;

  @override
  String toString() => 'PlatformException($code, $message)';
}
