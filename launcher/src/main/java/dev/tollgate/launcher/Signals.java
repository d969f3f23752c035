package dev.tollgate.launcher;

import java.lang.reflect.Proxy;

/** Unix signals, where there are any. By reflection, because the JDK's class for them is supported but not part of its public API. */
final class Signals {
    private Signals() {}

    /** Runs the action on every SIGHUP; says so and does nothing on systems without it. */
    static void onHangup(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object hangup = signal.getConstructor(String.class).newInstance("HUP");
            Object listener =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, (_, method, _) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler).invoke(null, hangup, listener);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            Logs.LOG.info("SIGHUP is not available here ({}); changed files are still noticed", e.getMessage());
        }
    }
}
