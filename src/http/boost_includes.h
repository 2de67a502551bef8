// Boost in the order and with the headers that its version 1.74 needs under C++23.
#pragma once

#include <utility>  // asio/awaitable.hpp uses std::exchange without including it

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <boost/beast/ssl.hpp>
