/// An object of `bindings/scenarios.json`. Every word in it must be read: an unknown word is an error.
final class Words {
  Words(this._source) : _unread = _source.keys.toSet();

  final Map<String, dynamic> _source;
  final Set<String> _unread;

  Object? _take(String name) {
    _unread.remove(name);
    return _source[name];
  }

  String? text(String name) => _take(name) as String?;

  bool flag(String name) => (_take(name) as bool?) ?? false;

  bool? maybe(String name) => _take(name) as bool?;

  int? number(String name) => _take(name) as int?;

  Duration? millis(String name) => switch (number(name)) {
        null => null,
        final millis => Duration(milliseconds: millis),
      };

  List<String>? texts(String name) => (_take(name) as List?)?.cast();

  Map<String, String>? textMap(String name) => (_take(name) as Map?)?.cast();

  Map<String, dynamic>? object(String name) => _take(name) as Map<String, dynamic>?;

  Words? words(String name) => switch (object(name)) {
        null => null,
        final object => Words(object),
      };

  List<Words>? list(String name) =>
      (_take(name) as List?)?.map((item) => Words(item as Map<String, dynamic>)).toList();

  void allRead() {
    if (_unread.isNotEmpty) throw StateError('not understood: $_unread in $_source');
  }

  @override
  String toString() => '$_source';
}
