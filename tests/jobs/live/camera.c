/* A camera without hardware: preloaded, it answers the questions of Video4Linux on /dev/zero.

   CAMERA_PICTURE  a JPEG, which it shows 30 times a second; without the file it fails
   CAMERA_SIZE     its size, as 640x480: the only one that the camera has
   CAMERA_BUSY     set: another program streams from the camera already */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#define BUFFERS 4
#define LENGTH (1 << 20)
#define SECOND_NS 1000000000
#define PERIOD_NS (SECOND_NS / 30)

static void *buffers[BUFFERS];
static unsigned queue[BUFFERS], queued;
static struct timespec next;

static int is_camera(int fd) {
    struct stat status;
    return fd >= 0 && !fstat(fd, &status) && S_ISCHR(status.st_mode) &&
           status.st_rdev == makedev(1, 5);
}

static int fail(int code) {
    errno = code;
    return -1;
}

/* As drivers do: what was asked for is replaced by what there is. */
static int give_format(struct v4l2_format *format) {
    memset(&format->fmt, 0, sizeof format->fmt);
    sscanf(getenv("CAMERA_SIZE"), "%ux%u", &format->fmt.pix.width, &format->fmt.pix.height);
    format->fmt.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
    format->fmt.pix.field = V4L2_FIELD_NONE;
    format->fmt.pix.sizeimage = LENGTH;
    return 0;
}

static void await_next_period(void) {
    if (!next.tv_sec)
        clock_gettime(CLOCK_MONOTONIC, &next);
    next.tv_nsec += PERIOD_NS;
    next.tv_sec += next.tv_nsec / SECOND_NS;
    next.tv_nsec %= SECOND_NS;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
}

static int give_picture(struct v4l2_buffer *buffer) {
    if (!queued)
        return fail(EAGAIN);
    await_next_period();
    FILE *picture = fopen(getenv("CAMERA_PICTURE"), "rb");
    if (!picture)
        return fail(ENODEV);
    buffer->index = queue[0];
    memmove(queue, queue + 1, --queued * sizeof *queue);
    buffer->bytesused = fread(buffers[buffer->index], 1, LENGTH, picture);
    fclose(picture);
    buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    buffer->timestamp.tv_sec = next.tv_sec;
    buffer->timestamp.tv_usec = next.tv_nsec / 1000;
    return 0;
}

static int answer(unsigned long request, void *argument) {
    struct v4l2_buffer *buffer = argument;
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *can = argument;
        memset(can, 0, sizeof *can);
        can->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        return 0;
    }
    case VIDIOC_G_INPUT:
        *(int *)argument = 0;
        return 0;
    case VIDIOC_ENUMINPUT:
        return ((struct v4l2_input *)argument)->index ? fail(EINVAL) : 0;
    case VIDIOC_G_FMT:
    case VIDIOC_TRY_FMT:
        return give_format(argument);
    case VIDIOC_S_FMT:
        return getenv("CAMERA_BUSY") ? fail(EBUSY) : give_format(argument);
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        struct v4l2_captureparm *rate = &((struct v4l2_streamparm *)argument)->parm.capture;
        rate->capability = V4L2_CAP_TIMEPERFRAME;
        rate->timeperframe = (struct v4l2_fract){1, 30};
        return 0;
    }
    case VIDIOC_REQBUFS:
        ((struct v4l2_requestbuffers *)argument)->count = BUFFERS;
        queued = 0;
        return 0;
    case VIDIOC_QUERYBUF:
        buffer->length = LENGTH;
        buffer->m.offset = buffer->index * LENGTH;
        return 0;
    case VIDIOC_QBUF:
        queue[queued++] = buffer->index;
        return 0;
    case VIDIOC_DQBUF:
        return give_picture(buffer);
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF:
        return 0;
    default:
        return fail(EINVAL);
    }
}

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (is_camera(fd))
        return answer(request, argument);
    int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, argument);
}

void *mmap64(void *place, size_t length, int protection, int flags, int fd, off64_t offset) {
    void *(*real)(void *, size_t, int, int, int, off64_t) = dlsym(RTLD_NEXT, "mmap64");
    if (!is_camera(fd))
        return real(place, length, protection, flags, fd, offset);
    void *made = real(place, length, protection, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (offset / LENGTH < BUFFERS)
        buffers[offset / LENGTH] = made;
    return made;
}

void *mmap(void *place, size_t length, int protection, int flags, int fd, off_t offset) {
    return mmap64(place, length, protection, flags, fd, offset);
}
