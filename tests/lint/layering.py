"""Holds every #include in src/ to the layers and to the third-party homes.

The layers are read from src/CMakeLists.txt: a file may include headers of its
own layer, of the layers in its DEPS and of theirs in turn. Generated headers
need their proto target among the layer's DEPS or PRIVATE_DEPS.
"""

import fnmatch
import re

# Third-party header -> the files of src/ that may include it. What is not
# here and is neither Abseil nor a header of the language or the system is
# refused: a new library needs a home first.
HOMES = {
    'rapidjson/*': ['base/json.cc', 'base/json_writer.cc'],
    'openssl/*': ['base/crypto.cc', 'base/random.cc'],
    'phonenumbers/*': ['base/phone.cc'],
    'libpsl.h': ['base/domain.cc'],
    'idn2.h': ['base/domain.cc'],
    'prometheus/*': ['server/metrics.cc'],
    'spdlog/*': ['base/log.cc'],
    'curl/*': ['http/http_client.cc', 'http/curl_transfer.*'],
    'boost/*': ['http/http_server.cc', 'http/server_connection.*'],
    'sqlite3.h': ['store/sqlite/*'],
    'yaml-cpp/*': ['server/*', 'adapters/rest/yaml_node.cc'],
    'CLI/*': ['cli/*', 'simulator/*', 'main.cc'],
    'csv.h': ['cli/csv.*'],
    'grpc/*': ['rpc/*', 'server/*', 'cli/*'],
    'grpcpp/*': ['rpc/*', 'server/*', 'cli/*'],
    'google/protobuf/*': ['rpc/*', 'server/*', 'cli/*', 'store/record.cc'],
}

# Generated header -> the CMake target that makes it.
GENERATED = {
    'enrich/v1/*': 'enrich_proto',
    'enrich/storage/v1/*': 'enrich_storage_proto',
    'enrich/config/v1/*': 'enrich_config_proto',
    'google/rpc/*': 'enrich_google_rpc',
    'grpc/health/v1/*': 'enrich_grpc_services',
    'grpc/reflection/*': 'enrich_grpc_services',
}

SYSTEM = re.compile(
    r'(?:[a-z_0-9]+'
    r'|(?:arpa|net|netinet|sys)/[a-z_]+\.h'
    r'|(?:dirent|fcntl|netdb|poll|pthread|signal|termios|time|unistd)\.h)$')
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
COMMAND = re.compile(r'^(enrich_layer|enrich_binary)\(([^)]*)\)', re.M)


class Layer:
    def __init__(self, name, words):
        lists = {'FOLDERS': [], 'MAIN': [], 'DEPS': [], 'PRIVATE_DEPS': []}
        current = None
        for word in words:
            if word in lists:
                current = lists[word]
            elif current is not None:
                current.append(word)
        self.name = name
        self.folders = lists['FOLDERS']
        self.files = lists['MAIN']
        self.deps = lists['DEPS']
        self.private_deps = lists['PRIVATE_DEPS']


class Layers:
    def __init__(self, cmake_text):
        text = re.sub(r'#.*', '', cmake_text)
        self.all = {}
        for command, arguments in COMMAND.findall(text):
            name, *words = arguments.split()
            target = name if command == 'enrich_binary' else f'enrich_{name}'
            self.all[target] = Layer(name, words)

    def of(self, path):
        """The layer of a path under src/, or None."""
        folder = path.rpartition('/')[0]
        # A main.cc belongs to its binary, not to the layer of its folder.
        return next((layer for layer in self.all.values() if path in layer.files),
                    next((layer for layer in self.all.values()
                          if folder and folder in layer.folders), None))

    def reach(self, layer):
        """Names of the targets that `layer` may include."""
        found = set()
        todo = layer.deps + layer.private_deps
        while todo:
            target = todo.pop()
            if target not in found:
                found.add(target)
                if target in self.all:
                    todo += self.all[target].deps
        return found


def match(table, header):
    return next((v for k, v in table.items() if fnmatch.fnmatch(header, k)), None)


def refusal(layers, path, header):
    """Why the file at `path` may not include `header`; None if it may."""
    layer = layers.of(path)
    if layer is None:
        return 'the file is in no layer of src/CMakeLists.txt'
    target = match(GENERATED, header)
    if target:
        return None if target in layers.reach(layer) else f'{layer.name} lacks {target}'
    homes = match(HOMES, header)
    if homes:
        fits = any(fnmatch.fnmatch(path, home) for home in homes)
        return None if fits else f'its home is {", ".join(homes)}'
    if header.startswith('absl/') or SYSTEM.match(header):
        return None
    other = layers.of(header)
    if other is None:
        return 'no layer and no third-party home has it'
    if other is layer or f'enrich_{other.name}' in layers.reach(layer):
        return None
    return f'{layer.name} may not use {other.name}'


def check_file(layers, path, text):
    """Findings for one file; `path` is relative to src/."""
    findings = []
    for found in INCLUDE.finditer(text):
        why = refusal(layers, path, found[1])
        if why:
            line = text.count('\n', 0, found.start(1)) + 1
            findings.append(f'src/{path}:{line}: may not include {found[1]}: {why}')
    return findings


def check(root, _files):
    layers = Layers((root / 'src/CMakeLists.txt').read_text())
    findings = []
    for file in sorted((root / 'src').rglob('*')):
        if file.suffix in ('.cc', '.h'):
            path = file.relative_to(root / 'src').as_posix()
            findings += check_file(layers, path, file.read_text())
    return findings
