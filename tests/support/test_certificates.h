#ifndef ENRICH_TESTS_SUPPORT_TEST_CERTIFICATES_H_
#define ENRICH_TESTS_SUPPORT_TEST_CERTIFICATES_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "support/temp_dir.h"

namespace enrich {

// An authority and what it signs, made anew with the openssl command, in a
// folder of their own. Certificates last a day.
class TestCertificates {
 public:
  TestCertificates() {
    Run("req -x509 " + NewKey("ca") + " -subj '/CN=test authority'");
  }

  // PEM files for a server on loopback, or a client, called `name`.
  void Issue(const std::string& name) {
    Run("req -x509 " + NewKey(name) + " -subj /CN=" + name +
        " -addext subjectAltName=IP:127.0.0.1" +
        " -addext basicConstraints=critical,CA:FALSE -CA " + ca() + " -CAkey " +
        key("ca"));
  }

  std::string ca() const { return certificate("ca"); }
  std::string certificate(const std::string& name) const {
    return dir_.File(name + ".pem");
  }
  std::string key(const std::string& name) const {
    return dir_.File(name + ".key");
  }

 private:
  // Options for a certificate of `name` with a new key.
  std::string NewKey(const std::string& name) const {
    return "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
           " -keyout " +
           key(name) + " -out " + certificate(name);
  }

  void Run(const std::string& arguments) const {
    const std::string log = dir_.File("log");
    const std::string command = "openssl " + arguments + " >" + log + " 2>&1";
    if (std::system(command.c_str()) == 0) return;
    std::stringstream text;
    text << std::ifstream(log).rdbuf();
    ADD_FAILURE() << command << "\n" << text.str();
  }

  const TempDir dir_;
};

// The text of a PEM file.
inline std::string ReadPem(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_TEST_CERTIFICATES_H_
