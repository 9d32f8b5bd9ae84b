package dev.cognitosignout.bionic

import com.github.unidbg.Emulator
import com.github.unidbg.arm.context.RegisterContext
import com.github.unidbg.pointer.UnidbgPointer
import com.github.unidbg.thread.ThreadContextSwitchException
import com.github.unidbg.thread.Waiter
import com.github.unidbg.signal.SignalTask
import com.sun.jna.Callback
import com.sun.jna.Memory
import com.sun.jna.Pointer
import com.sun.jna.Structure
import com.sun.jna.ptr.ByReference
import net.bytebuddy.ByteBuddy
import net.bytebuddy.dynamic.ClassFileLocator
import net.bytebuddy.dynamic.loading.ClassInjector
import net.bytebuddy.implementation.MethodDelegation
import net.bytebuddy.implementation.bind.annotation.AllArguments
import net.bytebuddy.implementation.bind.annotation.Origin
import net.bytebuddy.implementation.bind.annotation.RuntimeType
import net.bytebuddy.matcher.ElementMatchers.isNative
import net.bytebuddy.pool.TypePool
import unicorn.Arm64Const
import java.io.File
import java.lang.invoke.MethodHandles
import java.lang.reflect.Method
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.IdentityHashMap
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executors

/**
 * Takes JNA's place between the generated Kotlin and the library: the methods that the Kotlin declares as `external` call into the
 * emulated process, and the library's callbacks call the Kotlin.
 */
object Bridge {
    val android = Android(File(System.getProperty("library")))

    /** The functions that the Kotlin has called, and how often. */
    val calls = mutableMapOf<String, Int>()

    /** Functions whose result is changed, to see a check fail. */
    val wrong = mutableSetOf<String>()

    private val scratch by lazy { android.allocate(PAGE) }
    private var used = 0
    private val bodies = mutableListOf<Memory>()
    private val functions = IdentityHashMap<Callback, UnidbgPointer>()
    private val host = Executors.newCachedThreadPool { Thread(it, "host").apply { isDaemon = true } }

    /** Replaces the `external` methods. Before the first use of the generated Kotlin. */
    fun install() {
        // JNA loads a library all the same, and finds no `external` method to look up in it.
        System.setProperty("uniffi.component.cognito_signout.libraryOverride", "c")
        val loader = Bridge::class.java.classLoader
        val files = ClassFileLocator.ForClassLoader.of(loader)
        val beside = MethodHandles.privateLookupIn(Class.forName("$GENERATED.RustBuffer", false, loader), MethodHandles.lookup())
        for (name in listOf("UniffiLib", "IntegrityCheckingUniffiLib")) {
            val type = TypePool.Default.of(files).describe("$GENERATED.$name").resolve()
            val bridged = ByteBuddy().redefine<Any>(type, files).method(isNative()).intercept(MethodDelegation.to(Bridge::class.java)).make()
            ClassInjector.UsingLookup.of(beside).injectRaw(mapOf(type.name to bridged.bytes))
        }
    }

    @JvmStatic
    @RuntimeType
    fun call(@Origin method: Method, @AllArguments arguments: Array<Any?>): Any? = android.run {
        calls.merge(method.name, 1, Int::plus)
        used = 0
        val after = mutableListOf<() -> Unit>()
        val words = arguments.zip(method.parameterTypes) { argument, type -> word(argument, type, after) }
        val place = if (method.returnType.simpleName == "ByValue") room(BUFFER) else null
        val word = android.call(method.name, words, place)
        after.forEach { it() }
        val result = if (place == null) narrow(word, method.returnType) else readBuffer(place, method.returnType)
        when {
            method.name in wrong -> (result as Int) xor 1
            method.name.endsWith("_fn_method_httprequest_body_address") -> onThisMachine(word)
            else -> result
        }
    }

    /** The Kotlin reads the body of a request by its address, so it gets the one of a copy. The body is not longer than a page. */
    private fun onThisMachine(address: Long): Long {
        val copy = Memory(PAGE.toLong()).also(bodies::add)
        copy.write(0, android.pointer(address)!!.getByteArray(0, PAGE), 0, PAGE)
        return Pointer.nativeValue(copy)
    }

    /** An argument as a register holds it. What the library writes to is read `after` the call. */
    private fun word(argument: Any?, type: Class<*>, after: MutableList<() -> Unit>): Number = when {
        argument is Number -> argument.toLong()
        argument is Callback -> function(argument).peer
        argument is Structure && type.simpleName == "UniffiRustCallStatus" -> {
            val place = room(STATUS).also { writeStatus(argument, it) }
            after += { readStatus(argument, place) }
            place.peer
        }
        argument is Structure && type.simpleName == "ByValue" -> room(BUFFER).also { writeBuffer(argument, it) }.peer
        argument is Structure -> table(argument).peer
        argument == null -> 0
        else -> error("no way to pass a ${argument.javaClass}")
    }

    private fun narrow(word: Long, type: Class<*>): Any? = when (type) {
        Void.TYPE -> null
        Byte::class.java -> word.toByte()
        Short::class.java -> word.toShort()
        Int::class.java -> word.toInt()
        Long::class.java -> word
        Pointer::class.java -> Place(word)
        else -> error("no way to return a $type")
    }

    /** A table of functions, which the library keeps. */
    private fun table(structure: Structure): UnidbgPointer {
        val fields = structure.javaClass.getAnnotation(Structure.FieldOrder::class.java)
            ?: structure.javaClass.superclass.getAnnotation(Structure.FieldOrder::class.java)
        val table = android.allocate(PAGE)
        fields.value.forEachIndexed { index, field ->
            table.setPointer(8L * index, function(structure.javaClass.getField(field).get(structure) as Callback))
        }
        return table
    }

    private fun function(callback: Callback): UnidbgPointer = functions.getOrPut(callback) {
        val type = callback.javaClass.interfaces.first { Callback::class.java.isAssignableFrom(it) }
        val method = type.methods.single { it.name == "callback" }.apply { isAccessible = true }
        android.function { process -> called(process, callback, method) }
    }

    /** The library calls. Kotlin runs in a thread of its own, because it may call the library before it returns. */
    private fun called(process: Emulator<*>, callback: Callback, method: Method): Long {
        val registers = process.getContext<RegisterContext>()
        val before = mutableListOf<() -> Unit>()
        val arguments = method.parameterTypes.mapIndexed { index, type ->
            parameter(registers.getLongArg(index), type, before)
        }
        val result = CompletableFuture.supplyAsync({ method.invoke(callback, *arguments.toTypedArray()) }, host)
        val finish = {
            before.forEach { it() }
            (result.join() as? Number)?.toLong() ?: 0
        }
        if (android.isInThread) {
            process.threadDispatcher.runningTask.setWaiter(process, Returned(result, finish))
            throw ThreadContextSwitchException()
        }
        // The first thread waits for no one: nothing else could be called until it goes on. These calls return nothing, or call nothing.
        return if (method.returnType == Void.TYPE) 0 else finish()
    }

    private fun parameter(word: Long, type: Class<*>, before: MutableList<() -> Unit>): Any? {
        val place by lazy { checkNotNull(android.pointer(word)) }
        return when {
            type.simpleName == "ByValue" -> readBuffer(place, type)
            type.simpleName == "UniffiRustCallStatus" -> Structure.newInstance(type.asSubclass(Structure::class.java)).also { status ->
                before += { writeStatus(status, place) }
            }
            type.simpleName == "RustBuffer" -> Structure.newInstance(type.asSubclass(Structure::class.java)).also { buffer ->
                before += { writeBuffer(buffer, place) }
            }
            ByReference::class.java.isAssignableFrom(type) -> (type.getConstructor().newInstance() as ByReference).also { reference ->
                before += { place.setByte(0, reference.pointer.getByte(0)) }
            }
            else -> narrow(word, type)
        }
    }

    private class Returned(private val result: CompletableFuture<*>, private val finish: () -> Long) : Waiter {
        override fun canDispatch(): Boolean = result.isDone

        override fun onContinueRun(emulator: Emulator<*>) {
            emulator.backend.reg_write(Arm64Const.UC_ARM64_REG_X0, finish())
        }

        override fun onSignal(task: SignalTask) = Unit
    }

    private fun room(size: Int): UnidbgPointer = scratch.share(used.toLong(), 0).also { used += size }

    private fun writeStatus(status: Structure, place: UnidbgPointer) {
        place.setByte(0, status["code"] as Byte)
        writeBuffer(status["error_buf"] as Structure, place.share(8, 0))
    }

    private fun readStatus(status: Structure, place: UnidbgPointer) {
        status["code"] = place.getByte(0)
        status["error_buf"] = readBuffer(place.share(8, 0), (status["error_buf"] as Structure).javaClass)
    }

    private fun writeBuffer(buffer: Structure, place: UnidbgPointer) {
        place.setLong(0, buffer["capacity"] as Long)
        place.setLong(8, buffer["len"] as Long)
        val data = buffer["data"] as Place?
        data?.flush()
        place.setLong(16, data?.address ?: 0)
    }

    private fun readBuffer(place: UnidbgPointer, type: Class<*>): Structure =
        Structure.newInstance(type.asSubclass(Structure::class.java)).also { buffer ->
            buffer["capacity"] = place.getLong(0)
            buffer["len"] = place.getLong(8)
            buffer["data"] = place.getLong(16).takeIf { it != 0L }?.let(::Place)
        }

    private operator fun Structure.get(field: String): Any? = javaClass.getField(field).get(this)

    private operator fun Structure.set(field: String, value: Any?) = javaClass.getField(field).set(this, value)

    /** Memory of the process. The Kotlin reads and writes a copy, which goes back when the library gets the buffer. */
    private class Place(val address: Long) : Pointer(address) {
        private var copy: ByteArray? = null

        override fun getByteBuffer(offset: Long, length: Long): ByteBuffer {
            check(offset == 0L)
            val bytes = android.run { android.pointer(address)!!.getByteArray(0, length.toInt()) }
            copy = bytes
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
        }

        fun flush() {
            copy?.let { android.pointer(address)!!.write(0, it, 0, it.size) }
        }
    }

    private const val GENERATED = "dev.cognitosignout.ffi"
    private const val PAGE = 0x4000
    private const val BUFFER = 24
    private const val STATUS = 32
}
