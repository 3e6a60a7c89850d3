"""The rules refuse what they are there to refuse."""

import pathlib
import tempfile
import unittest

from lint import layering, text_rules

CMAKE = '''
# A comment (with brackets).
enrich_layer(base FOLDERS base DEPS absl::status PRIVATE_DEPS OpenSSL::Crypto)
enrich_layer(http FOLDERS http DEPS enrich_base)
enrich_layer(store FOLDERS store store/sqlite
  DEPS enrich_base
  PRIVATE_DEPS enrich_storage_proto)
enrich_layer(engine FOLDERS engine DEPS enrich_store)
enrich_layer(server FOLDERS server DEPS enrich_engine enrich_http)
enrich_binary(enrich-gateway MAIN main.cc DEPS enrich_server)
'''


class Layering(unittest.TestCase):
    layers = layering.Layers(CMAKE)

    def refused(self, path, header):
        text = f'// Why.\n#include "{header}"\n'
        findings = layering.check_file(self.layers, path, text)
        self.assertLessEqual(len(findings), 1)
        if findings:
            self.assertIn(f'src/{path}:2: may not include {header}: ', findings[0])
        return bool(findings)

    def test_a_layer_uses_itself_and_what_it_reaches(self):
        for path, header in (
                ('http/a.cc', 'http/a.h'), ('engine/a.cc', 'base/b.h'),
                ('store/sqlite/a.cc', 'store/store.h'), ('main.cc', 'engine/a.h'),
                ('base/a.cc', 'absl/status/status.h'), ('base/a.cc', 'vector'),
                ('base/a.cc', 'sys/stat.h')):
            with self.subTest(path=path, header=header):
                self.assertFalse(self.refused(path, header))

    def test_a_layer_uses_none_above_or_beside_it(self):
        for path, header in (
                ('base/a.cc', 'http/a.h'), ('http/a.cc', 'store/store.h'),
                ('engine/a.h', 'http/a.h'), ('store/a.cc', 'engine/a.h')):
            with self.subTest(path=path, header=header):
                self.assertTrue(self.refused(path, header))

    def test_a_third_party_header_stays_in_its_home(self):
        self.assertFalse(self.refused('base/json.cc', 'rapidjson/reader.h'))
        self.assertTrue(self.refused('base/text.cc', 'rapidjson/reader.h'))
        self.assertFalse(self.refused('http/curl_transfer.h', 'curl/curl.h'))
        self.assertTrue(self.refused('engine/a.cc', 'grpcpp/server.h'))
        self.assertFalse(self.refused('store/sqlite/a.cc', 'sqlite3.h'))
        self.assertTrue(self.refused('store/a.cc', 'sqlite3.h'))

    def test_a_library_without_a_home_is_refused(self):
        self.assertTrue(self.refused('base/a.cc', 'zlib.h'))
        self.assertTrue(self.refused('base/a.cc', 'fmt/format.h'))

    def test_generated_headers_need_their_target(self):
        header = 'enrich/storage/v1/record.pb.h'
        self.assertFalse(self.refused('store/record.cc', header))
        self.assertTrue(self.refused('engine/a.cc', header))

    def test_a_file_outside_every_layer_is_refused(self):
        self.assertTrue(self.refused('elsewhere/a.cc', 'vector'))


class TextRules(unittest.TestCase):

    def findings(self, rule, path, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True)
            file.write_text(text)
            return rule(pathlib.Path(folder), [path])

    def test_guards_follow_the_path(self):
        def header(name):
            return f'#ifndef {name}\n#define {name}\n\n#endif  // {name}\n'
        rule = text_rules.check_guards
        right = header('ENRICH_BASE_TEXT_H_')
        self.assertEqual(self.findings(rule, 'src/base/text.h', right), [])
        self.assertEqual(
            self.findings(rule, 'tests/fakes/a.h', header('ENRICH_TESTS_FAKES_A_H_')),
            [])
        self.assertTrue(self.findings(rule, 'src/http/text.h', right))
        self.assertTrue(self.findings(rule, 'src/base/text.h', '#pragma once\n'))

    def test_unfinished_work_and_machine_paths_are_found(self):
        rule = text_rules.check_words
        for line in ('// TO' 'DO: later', '# FIX' 'ME', '// see /ho' 'me/ada/notes'):
            with self.subTest(line=line):
                self.assertTrue(self.findings(rule, 'src/base/a.cc', f'{line}\n'))
        for line in ('// to do it', 'src/work/home', '"/v1/root"'):
            with self.subTest(line=line):
                self.assertEqual(self.findings(rule, 'src/base/a.cc', f'{line}\n'), [])


if __name__ == '__main__':
    unittest.main()
