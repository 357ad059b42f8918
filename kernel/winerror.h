/* kernel/winerror.h - Win32 error codes that XAM's calls answer with (public: winerror.h of any Windows SDK). */
#ifndef KERNEL_WINERROR_H
#define KERNEL_WINERROR_H

#define ERROR_SUCCESS 0u
#define ERROR_FILE_NOT_FOUND 2u
#define ERROR_PATH_NOT_FOUND 3u
#define ERROR_ACCESS_DENIED 5u
#define ERROR_INVALID_HANDLE 6u
#define ERROR_NO_MORE_FILES 18u
#define ERROR_DISK_FULL 112u
#define ERROR_INVALID_PARAMETER 87u
#define ERROR_INSUFFICIENT_BUFFER 122u
#define ERROR_INVALID_NAME 123u
#define ERROR_ALREADY_EXISTS 183u
#define ERROR_NOT_LOGGED_ON 1245u
#define ERROR_IO_PENDING 997u
#define ERROR_DEVICE_NOT_CONNECTED 1167u
#define ERROR_NOT_FOUND 1168u
#define ERROR_CANCELLED 1223u
#define ERROR_NO_SUCH_USER 1317u
#define ERROR_NO_SYSTEM_RESOURCES 1450u
#define ERROR_FUNCTION_FAILED 1627u

/** The HRESULT of a Win32 error. */
#define HRESULT_FROM_WIN32(error) ((error) ? 0x80070000u | ((error)&0xFFFFu) : 0u)

#endif
