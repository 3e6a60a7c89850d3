#include "http/address_policy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <string>

namespace enrich {
namespace {

bool IsPublic(const std::string& text) {
  sockaddr_in v4 = {};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    return IsPublicAddress(reinterpret_cast<sockaddr*>(&v4), sizeof(v4));
  }
  sockaddr_in6 v6 = {};
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
  v6.sin6_family = AF_INET6;
  return IsPublicAddress(reinterpret_cast<sockaddr*>(&v6), sizeof(v6));
}

TEST(AddressPolicy, TakesPublicAddresses) {
  for (const char* text :
       {"1.1.1.1",         "9.255.255.255",   "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",     "126.255.255.255",
        "128.0.0.0",       "169.253.255.255", "172.15.255.255",
        "172.32.0.0",      "192.167.255.255", "192.169.0.0",
        "198.17.255.255",  "198.20.0.0",      "223.255.255.255",
        "2606:4700::1111", "2400::1",         "3ffe::1",
        "2001:200::1",     "64:ff9b::1.1.1.1"}) {
    EXPECT_TRUE(IsPublic(text)) << text;
  }
}

TEST(AddressPolicy, RefusesSpecialAddresses) {
  for (const char* text :
       {"0.0.0.0",         "10.0.0.1",        "10.255.255.255",
        "100.64.0.0",      "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.0",
        "172.31.255.255",  "192.0.0.1",       "192.0.2.1",
        "192.88.99.1",     "192.168.0.0",     "192.168.255.255",
        "198.18.0.0",      "198.19.255.255",  "198.51.100.7",
        "203.0.113.7",     "224.0.0.1",       "239.255.255.255",
        "240.0.0.1",       "255.255.255.255"}) {
    EXPECT_FALSE(IsPublic(text)) << text;
  }
}

TEST(AddressPolicy, RefusesSpecialIpv6Addresses) {
  for (const char* text :
       {"::", "::1", "::ffff:127.0.0.1", "::ffff:1.1.1.1", "::1.1.1.1",
        "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001::1",
        "2001:db8::1", "2002:7f00:1::", "3fff::1", "100::1",
        "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1"}) {
    EXPECT_FALSE(IsPublic(text)) << text;
  }
}

TEST(AddressPolicy, RefusesOtherFamiliesAndTruncatedAddresses) {
  sockaddr_un local = {};
  local.sun_family = AF_UNIX;
  EXPECT_FALSE(
      IsPublicAddress(reinterpret_cast<sockaddr*>(&local), sizeof(local)));
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x01010101);
  EXPECT_FALSE(IsPublicAddress(reinterpret_cast<sockaddr*>(&v4), 4));
}

}  // namespace
}  // namespace enrich
