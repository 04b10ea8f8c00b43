"""What a person types to look at the network: `ifconfig`, `ipconfig`, `ping`, `networksetup`, `tailscale`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sparkdr_tui.lab.door import ask
from sparkdr_tui.lab.standins.node import facts
from sparkdr_tui.lab.standins.terminal import columns, err, out, split_options

_OVERLAY = ("macmini", "desktop")
"""Nodes whose address is Tailscale's; the laptop's is the office LAN's."""
_SYSTEMS = {"macmini": "macOS", "desktop": "windows", "laptop": "macOS"}
_PING_PACE = 0.2
"""At most so many seconds between packets: the original waits a whole one."""
Facts = Mapping[str, Any]


def ifconfig(arguments: list[str]) -> int:
    """`ifconfig [INTERFACE]`."""
    _, names = split_options(arguments)
    interfaces = interface_blocks(facts())
    unknown = [name for name in names if name not in interfaces]
    if unknown:
        err(f"ifconfig: interface {unknown[0]} does not exist")
        return 1
    out("\n".join(interfaces[name] for name in names or interfaces))
    return 0


def interface_blocks(here: Facts) -> dict[str, str]:
    """Each interface as `ifconfig` prints it; a node that is cut off has no address but its own loopback."""
    overlay = here["node"] in _OVERLAY
    wire = f"\tinet {here['address']} netmask 0xffffff00 broadcast {_broadcast(str(here['address']))}\n"
    wire = "" if overlay or not here["network"] else wire
    blocks = {
        "lo0": "lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384\n"
        "\tinet 127.0.0.1 netmask 0xff000000\n\tinet6 ::1 prefixlen 128",
        "en0": "en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500\n"
        f"\tether 3c:06:30:1f:5a:{10 + len(str(here['node'])):02x}\n{wire}"
        "\tmedia: autoselect (1000baseT <full-duplex>)\n"
        f"\tstatus: {'active' if here['network'] else 'inactive'}",
    }
    if overlay and here["network"]:
        blocks["utun4"] = (
            "utun4: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1280\n"
            f"\tinet {here['address']} --> {here['address']} netmask 0xffffffff"
        )
    return blocks


def ipconfig(arguments: list[str]) -> int:
    """`ipconfig getifaddr INTERFACE` on a Mac, `ipconfig` on Windows."""
    here = facts()
    if here["os"] != "windows":
        if not here["network"] or arguments[:1] != ["getifaddr"]:
            return 1
        out(str(here["address"]))
        return 0
    out("\nWindows IP Configuration\n\n\nUnknown adapter Tailscale:\n")
    if here["network"]:
        out("   Connection-specific DNS Suffix  . : tail1234.ts.net")
        out(f"   IPv4 Address. . . . . . . . . . . : {here['address']}")
        out("   Subnet Mask . . . . . . . . . . . : 255.255.255.255\n   Default Gateway . . . . . . . . . :")
    else:
        out("   Media State . . . . . . . . . . . : Media disconnected")
    return 0


def networksetup(arguments: list[str]) -> int:
    """`networksetup -listallhardwareports|-getinfo SERVICE`; changes are accepted and change nothing."""
    here = facts()
    if arguments[:1] == ["-listallhardwareports"]:
        out("\nHardware Port: Ethernet\nDevice: en0\nEthernet Address: 3c:06:30:1f:5a:11\n")
    elif arguments[:1] == ["-listallnetworkservices"]:
        out("An asterisk (*) denotes that a network service is disabled.\nEthernet\nWi-Fi\nTailscale")
    elif arguments[:1] == ["-getinfo"]:
        address = here["address"] if here["network"] else "none"
        out(f"DHCP Configuration\nIP address: {address}\nSubnet mask: 255.255.255.0\nRouter: {address}")
    return 0


# -- ping --------------------------------------------------------------------------------------------


def ping(arguments: list[str]) -> int:
    """`ping [-c COUNT] [-i SECONDS] [-W MILLISECONDS] [-q] HOST`: the switch says whether packets come back."""
    count, pace, host, quiet = 3, 1.0, "", False
    words = iter(arguments)
    for word in words:
        if word in ("-c", "-n"):
            count = int(next(words, "3"))
        elif word == "-i":
            pace = float(next(words, "1"))
        elif word in ("-W", "-t", "-o", "-w"):
            next(words, "") if word != "-o" else None
        elif word.startswith("-"):
            quiet = quiet or "q" in word
        else:
            host = word
    if not host:
        err("usage: ping [-c count] [-i wait] [-W waittime] host")
        return 64
    return _ping(host, count, min(pace, _PING_PACE), quiet)


def _ping(host: str, count: int, pace: float, quiet: bool) -> int:
    times: list[float] = []
    out(f"PING {host} ({host}): 56 data bytes")
    for number in range(count):
        answer = ask("ping", to=host)
        if answer["reachable"]:
            times.append(float(answer["ms"]) * (1 + number % 3 / 10))
        if not quiet:
            lost = f"Request timeout for icmp_seq {number}"
            out(_reply(host, number, times[-1]) if answer["reachable"] else lost)
        if number + 1 < count:
            time.sleep(pace)
    out(ping_summary(host, count, times))
    return 0 if times else 2


def _reply(host: str, number: int, milliseconds: float) -> str:
    return f"64 bytes from {host}: icmp_seq={number} ttl=64 time={milliseconds:.3f} ms"


def ping_summary(host: str, sent: int, times: Sequence[float]) -> str:
    """The last lines of `ping`."""
    lost = 100.0 * (sent - len(times)) / sent
    text = f"\n--- {host} ping statistics ---\n"
    text += f"{sent} packets transmitted, {len(times)} packets received, {lost:.1f}% packet loss"
    if times:
        mean = sum(times) / len(times)
        deviation = (sum((each - mean) ** 2 for each in times) / len(times)) ** 0.5
        figures = "/".join(f"{each:.3f}" for each in (min(times), mean, max(times), deviation))
        text += f"\nround-trip min/avg/max/stddev = {figures} ms"
    return text


# -- tailscale ---------------------------------------------------------------------------------------


def tailscale(arguments: list[str]) -> int:
    """`tailscale status [--json]|ip|ping NODE|up|down|version`."""
    options, operands = split_options(arguments)
    command = operands[0] if operands else "status"
    here = facts()
    if command in ("version", "up", "down"):
        out("1.78.1" if command == "version" else "")
        return 0
    if command == "ip":
        if here["node"] not in _OVERLAY:
            err("no current Tailscale IPs; state: NeedsLogin")
            return 1
        out(str(here["address"]))
        return 0
    if command == "ping" and len(operands) == 2:
        return _tailscale_ping(operands[1])
    peers = {name: node for name, node in here["nodes"].items() if name in _OVERLAY and name != here["node"]}
    reachable = {name: bool(ask("ping", to=name)["reachable"]) for name in peers}
    out((status_json if "--json" in options else status_table)(here, reachable))
    return 0


def status_table(here: Facts, reachable: Mapping[str, bool]) -> str:
    """What `tailscale status` prints."""
    rows = [(str(here["address"]), str(here["node"]), "woosun@", _SYSTEMS[str(here["node"])], "-")]
    for name, there in reachable.items():
        state = "active; direct 192.168.0.20:41641, tx 10428 rx 9212" if there else "offline"
        rows.append((str(here["nodes"][name]["address"]), name, "woosun@", _SYSTEMS[name], state))
    return columns(rows, gap="  ")


def status_json(here: Facts, reachable: Mapping[str, bool]) -> str:
    """What `tailscale status --json` prints, as far as anybody reads it."""

    def peer(name: str, online: bool) -> dict[str, Any]:
        addresses = [here["nodes"][name]["address"]]
        return {"HostName": name, "TailscaleIPs": addresses, "Online": online, "OS": _SYSTEMS[name]}

    peers = {f"nodekey:{name}": peer(name, online) for name, online in reachable.items()}
    own = peer(str(here["node"]), bool(here["network"]))
    return json.dumps({"Version": "1.78.1", "BackendState": "Running", "Self": own, "Peer": peers}, indent=2)


def _tailscale_ping(to: str) -> int:
    answer = ask("ping", to=to)
    if not answer["reachable"]:
        err("timeout waiting for ping reply\nno reply")
        return 1
    out(f"pong from {to} ({to}) via 192.168.0.20:41641 in {max(1, round(answer['ms']))}ms")
    return 0


def _broadcast(address: str) -> str:
    return ".".join([*address.split(".")[:3], "255"])
