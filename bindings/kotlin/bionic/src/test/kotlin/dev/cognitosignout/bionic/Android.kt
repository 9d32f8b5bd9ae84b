package dev.cognitosignout.bionic

import com.github.unidbg.AbstractEmulator
import com.github.unidbg.Emulator
import com.github.unidbg.StopEmulatorException
import com.github.unidbg.arm.Arm64Svc
import com.github.unidbg.arm.backend.Unicorn2Factory
import com.github.unidbg.arm.context.RegisterContext
import com.github.unidbg.file.linux.AndroidFileIO
import com.github.unidbg.linux.ARM64SyscallHandler
import com.github.unidbg.linux.android.AndroidARM64Emulator
import com.github.unidbg.linux.android.AndroidResolver
import com.github.unidbg.linux.thread.FutexWaiter
import com.github.unidbg.memory.SvcMemory
import com.github.unidbg.pointer.UnidbgPointer
import com.github.unidbg.thread.AbstractWaiter
import com.github.unidbg.thread.Task
import com.github.unidbg.thread.ThreadContextSwitchException
import com.github.unidbg.thread.ThreadTask
import com.github.unidbg.unix.UnixSyscallHandler
import com.sun.jna.Pointer
import unicorn.Arm64Const
import java.io.File
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.MILLISECONDS
import kotlin.concurrent.thread

/**
 * An emulated process on arm64 with Android's own C library, of API 23, and one library of ours. Its threads take turns: one thread
 * of the JVM runs them all.
 */
class Android(library: File) {
    private val process = object : AndroidARM64Emulator("dev.cognitosignout", null, listOf(Unicorn2Factory(false))) {
        override fun createSyscallHandler(memory: SvcMemory): UnixSyscallHandler<AndroidFileIO> = Futexes(memory)
    }
    private val memory = process.memory
    private var abortMessage = ""
    private var hasAborted = false
    private val vm = process.run {
        memory.setLibraryResolver(AndroidResolver(23))
        memory.addHookListener { _, _, name, _ -> inPlaceOf(name) ?: 0 }
        syscallHandler.setEnableThreadDispatcher(true)
        createDalvikVM()
    }
    private val module = vm.loadLibrary(library, true).module

    /** The first thread's own data, and the top of its stack. */
    private val ownData = process.backend.reg_read(Arm64Const.UC_ARM64_REG_TPIDR_EL0)
    private val stack = memory.stackPoint
    private val work = LinkedBlockingQueue<() -> Unit>()

    /** The names of the libraries that ours has loaded. */
    val needed: Set<String> = module.neededLibraries.mapTo(mutableSetOf()) { it.name }

    init {
        process.threadDispatcher.taskList += Never(process)
        thread(isDaemon = true, name = "emulator") { takeTurns() }
    }

    /** Runs [action] on the thread that may touch the process, and waits for it. */
    fun <T> run(action: () -> T): T {
        val result = CompletableFuture<T>()
        work += { runCatching(action).fold(result::complete, result::completeExceptionally) }
        return try {
            result.get()
        } catch (failed: ExecutionException) {
            throw failed.cause ?: failed
        }
    }

    /** Calls an exported function on the process's first thread. Only inside [run]. */
    fun call(function: String, arguments: List<Number>, result: UnidbgPointer? = null): Long {
        val symbol = symbol(function)
        val backend = process.backend
        // Another thread may have run since.
        backend.reg_write(Arm64Const.UC_ARM64_REG_TPIDR_EL0, ownData)
        memory.stackPoint = stack
        // Where a result is written that needs more than two registers.
        backend.reg_write(Arm64Const.UC_ARM64_REG_X8, result?.peer ?: 0)
        return symbol.call(process, *arguments.toTypedArray()).toLong()
    }

    /** The address of an exported function. */
    fun address(function: String): Long = symbol(function).address

    private fun symbol(function: String) = checkNotNull(module.findSymbolByName(function, false)) { "the library has no $function" }

    fun allocate(size: Int): UnidbgPointer = memory.mmap(size, READ or WRITE)

    fun pointer(address: Long): UnidbgPointer? = UnidbgPointer.pointer(process, address)

    /** The address of a function that [answer] carries out. */
    fun function(answer: (Emulator<*>) -> Long): UnidbgPointer = process.svcMemory.registerSvc(object : Arm64Svc() {
        override fun handle(emulator: Emulator<*>): Long = answer(emulator)
    })

    /** Whether a thread of the process runs now, and not a call of [call]. */
    val isInThread: Boolean get() = (process.threadDispatcher.runningTask as? Task)?.isMainThread == false

    /** Calls the method that Java declares as `native`. Only inside [run]. */
    fun giveContext() {
        process.backend.reg_write(Arm64Const.UC_ARM64_REG_TPIDR_EL0, ownData)
        memory.stackPoint = stack
        val context = vm.resolveClass("android/content/Context").newObject(null)
        val type = vm.resolveClass("dev/cognitosignout/android/AppContext")
        type.callStaticJniMethod(process, "give(Landroid/content/Context;)V", context)
    }

    /** Runs [action], which ends the process, and returns what Android's crash report would say. Only inside [run]. */
    fun crashOf(action: () -> Unit): String {
        action()
        check(hasAborted) { "the process goes on" }
        return abortMessage
    }

    /** The address of what our library calls in place of a function of Android. */
    private fun inPlaceOf(name: String): Long? = when (name) {
        "android_set_abort_message" -> function { process ->
            abortMessage = process.getContext<RegisterContext>().getPointerArg(0).getString(0)
            0
        }.peer
        // The emulated process could not be used any more.
        "abort" -> function {
            hasAborted = true
            throw StopEmulatorException()
        }.peer
        else -> null
    }

    private fun takeTurns() {
        while (true) {
            work.poll(PAUSE, MILLISECONDS)?.invoke()
            process.threadDispatcher.runThreads(1, MILLISECONDS)
        }
    }

    private companion object {
        const val READ = 1
        const val WRITE = 2
        const val PAUSE = 2L
    }
}

/** A thread that never runs. unidbg takes up new threads only while there are old ones. */
private class Never(process: Emulator<*>) : ThreadTask(0, process.returnAddress) {
    init {
        setWaiter(process, object : AbstractWaiter() {
            override fun canDispatch() = false

            override fun onContinueRun(emulator: Emulator<*>) = Unit
        })
    }

    override fun runThread(emulator: AbstractEmulator<*>): Number = error("never")

    override fun toThreadString(): String = "never"
}

/** What unidbg lacks: the way in which Rust waits, `FUTEX_WAIT_BITSET` until a point in time. */
private class Futexes(memory: SvcMemory) : ARM64SyscallHandler(memory) {
    override fun handleSyscall(emulator: Emulator<*>, number: Int): Boolean {
        val arguments = emulator.getContext<RegisterContext>()
        if (number != FUTEX || arguments.getIntArg(1) and COMMAND != WAIT_BITSET) return super.handleSyscall(emulator, number)
        val word = arguments.getPointerArg(0)
        val expected = arguments.getIntArg(2)
        if (word.getInt(0) != expected) {
            emulator.backend.reg_write(Arm64Const.UC_ARM64_REG_X0, -EAGAIN)
            return true
        }
        val end = arguments.getPointerArg(3)?.let { it.getLong(0) * 1_000_000_000 + it.getLong(8) }
        emulator.threadDispatcher.runningTask.setWaiter(emulator, Until(word, expected, end))
        throw ThreadContextSwitchException()
    }

    /** unidbg's clock starts at an unknown point. */
    override fun clock_gettime(emulator: Emulator<*>): Int {
        val arguments = emulator.getContext<RegisterContext>()
        if (arguments.getIntArg(0) != MONOTONIC) return super.clock_gettime(emulator)
        val now = System.nanoTime()
        arguments.getPointerArg(1).setLong(0, now / 1_000_000_000)
        arguments.getPointerArg(1).setLong(8, now % 1_000_000_000)
        return 0
    }

    private class Until(word: Pointer, expected: Int, private val end: Long?) : FutexWaiter(word, expected) {
        override fun canDispatch(): Boolean = super.canDispatch() || end != null && System.nanoTime() >= end

        /** Not woken: the time is over, or the word has changed. */
        override fun onContinueRunInternal(emulator: Emulator<*>) {
            val why = if (end != null && System.nanoTime() >= end) -ETIMEDOUT else -EAGAIN
            emulator.backend.reg_write(Arm64Const.UC_ARM64_REG_X0, why)
        }
    }

    private companion object {
        const val FUTEX = 98
        const val COMMAND = 0x7f
        const val WAIT_BITSET = 9
        const val MONOTONIC = 1
        const val EAGAIN = 11
        const val ETIMEDOUT = 110
    }
}
