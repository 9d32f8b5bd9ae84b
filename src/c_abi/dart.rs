//! For Dart: a callback that sends a message to a port. A message to a port whose isolate is gone goes nowhere. A function of Dart's
//! (`NativeCallable`) would end the process then.
#![allow(unsafe_code, reason = "it calls the Dart VM")]

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::guard::guarded;
use super::text;
use super::types::Kind;

/// `Dart_CObject` of `dart_native_api.h`, as far as it is used here.
#[repr(C)]
struct CObject {
    kind: i32,
    value: CValue,
}

#[repr(C)]
union CValue {
    int64: i64,
    string: *const c_char,
    array: Array,
    /// The size of the largest member of `Dart_CObject`'s union.
    room: [usize; 5],
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Array {
    length: isize,
    values: *mut *mut CObject,
}

const NULL: i32 = 0;
const INT64: i32 = 3;
const STRING: i32 = 5;
const ARRAY: i32 = 6;

/// `Dart_PostCObject`.
type Post = unsafe extern "C" fn(port: i64, message: *mut CObject) -> i8;

static POST: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// For Dart: call this once with `NativeApi.postCObject`, before `cs_dart_post` is a callback.
///
/// # Safety
/// `post_c_object` is null or `NativeApi.postCObject`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_dart_init(post_c_object: *mut c_void) {
    guarded((), || POST.store(post_c_object, Ordering::Release))
}

/// For Dart: a `cs_callback` whose context is the `nativePort` of a `SendPort`. The port receives the list `[kind, id, json]`, with
/// a `String` or null. The library's string is freed.
///
/// # Safety
/// It is called by the library alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_dart_post(port: u64, kind: Kind, id: u64, json: *mut c_char) {
    guarded((), || {
        let post = POST.load(Ordering::Acquire);
        if !post.is_null() {
            // SAFETY: `cs_dart_init` got a pointer to this function.
            let post: Post = unsafe { std::mem::transmute::<*mut c_void, Post>(post) };
            let number = |int64| CObject {
                kind: INT64,
                value: CValue { int64 },
            };
            let mut kind = number(i64::from(kind as u32));
            let mut id = number(id.cast_signed());
            let mut json = match json.is_null() {
                true => CObject {
                    kind: NULL,
                    value: CValue { room: [0; 5] },
                },
                false => CObject {
                    kind: STRING,
                    value: CValue { string: json },
                },
            };
            let mut values = [&raw mut kind, &raw mut id, &raw mut json];
            let array = Array {
                length: 3,
                values: values.as_mut_ptr(),
            };
            let mut message = CObject {
                kind: ARRAY,
                value: CValue { array },
            };
            // SAFETY: the message is made as the VM's header says, and the VM copies it before it returns.
            unsafe { post(port.cast_signed(), &raw mut message) };
        }
        // SAFETY: the library hands the string over to its callback.
        unsafe { text::wipe(json) };
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;
    use crate::c_abi::text::Message;
    use crate::json::Wiped;
    use crate::lock::lock;

    /// The port's number, the kind, the id and the text.
    type Received = (i64, i64, i64, Option<String>);

    static RECEIVED: Mutex<Vec<Received>> = Mutex::new(Vec::new());

    /// Reads the message as the VM does, and copies it.
    unsafe extern "C" fn post(port: i64, message: *mut CObject) -> i8 {
        // SAFETY: the message is one of `cs_dart_post`: each union holds what its kind says.
        let received = unsafe {
            assert_eq!((*message).kind, ARRAY);
            let Array { length: 3, values } = (*message).value.array else {
                return 0;
            };
            let [kind, id, json] = [0, 1, 2].map(|at| &**values.add(at));
            assert_eq!((kind.kind, id.kind), (INT64, INT64));
            let text = (json.kind == STRING).then(|| CStr::from_ptr(json.value.string).to_str().unwrap().to_owned());
            assert!(text.is_some() || json.kind == NULL);
            (port, kind.value.int64, id.value.int64, text)
        };
        lock(&RECEIVED).push(received);
        1
    }

    #[test]
    fn a_message_reaches_the_port_with_all_its_parts() {
        let message = || Message::new(Wiped(json!({ "a": 1 }))).unwrap().into_raw();
        // SAFETY: the messages are the library's, and each is given away once; the function is as the VM's.
        unsafe {
            // Nobody listens yet.
            cs_dart_post(7, Kind::Answer, 8, message());
            cs_dart_init(post as Post as *mut c_void);
            cs_dart_post(7, Kind::Event, u64::MAX, message());
            cs_dart_post(u64::MAX, Kind::Http, 9, ptr::null_mut());
            cs_dart_init(ptr::null_mut());
        }
        let received = std::mem::take(&mut *lock(&RECEIVED));
        assert_eq!(received, [(7, 6, -1, Some("{\"a\":1}".to_owned())), (-1, 2, 9, None)]);
    }
}
